//! A Markdown text, formulas on or off.

#![no_main]

libfuzzer_sys::fuzz_target!(init: tuition_fuzz::init(), |data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    if let Ok(text) = std::str::from_utf8(data) {
        tuition_fuzz::check_body(text, None, mode % 2 == 1);
    }
});
