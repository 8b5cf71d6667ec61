//! What a fence includes, and the file that it is taken from: the first line is the one, the rest the other.

#![no_main]

use tuition_fuzz::Part;

libfuzzer_sys::fuzz_target!(init: tuition_fuzz::init(), |data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (include, file) = text.split_once('\n').unwrap_or((text, ""));
    let fence = format!("Text.\n\n~~~ rust include=\"{include}\"\nold\n~~~\n");
    tuition_fuzz::check_body(&fence, Some(file), false);
    let lesson = format!("+++\ntitle = \"L\"\nfree = true\n+++\n{fence}\n![x](<{include}>) [y](<{include}>)\n");
    tuition_fuzz::check_site(Part::Lesson, lesson.as_bytes());
});
