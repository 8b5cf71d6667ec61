//! What stands behind the backticks of a fence.

#![no_main]

use tuition_markup::Fence;

libfuzzer_sys::fuzz_target!(init: tuition_fuzz::init(), |data: &[u8]| {
    if let Ok(info) = std::str::from_utf8(data) {
        assert_eq!(Fence::parse(info), Fence::parse(info), "two readings of one info string differ");
        let text = format!("~~~ {info}\nfn main() {{\n    # let a = 1;\n$ b\n}}\n~~~\n");
        tuition_fuzz::check_body(&text, Some("a\n// ANCHOR: a\nb\n// ANCHOR_END: a\n"), false);
    }
});
