//! Front matter of each kind of file, TOML and YAML, and `site.toml` and `offers.toml`.

#![no_main]

use tuition_fuzz::Part;

libfuzzer_sys::fuzz_target!(init: tuition_fuzz::init(), |data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    let part = Part::ALL[usize::from(mode / 2) % Part::ALL.len()];
    let text = match (part, mode % 2) {
        (Part::Site | Part::Offers, _) => data.to_vec(),
        (_, 0) => [b"+++\n".as_slice(), data, b"\n+++\nText.\n"].concat(),
        (_, _) => [b"---\n".as_slice(), data, b"\n---\nText.\n"].concat(),
    };
    tuition_fuzz::check_site(part, &text);
});
