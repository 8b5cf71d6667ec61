//! How many steps the obvious matcher takes, and how many ours takes.
//! Run it with `cargo run --example naive_glob`.

// ANCHOR: naive
/// The obvious way: a star takes nothing, or one more byte.
fn naive(pattern: &[u8], text: &[u8], steps: &mut u64) -> bool {
    *steps += 1;
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) if naive(rest, text, steps) => true,
        ([b'*', ..], [_, after @ ..]) => naive(pattern, after, steps),
        ([one, rest @ ..], [byte, after @ ..]) if one == byte => {
            naive(rest, after, steps)
        }
        _ => false,
    }
}
// ANCHOR_END: naive

fn main() {
    println!("stars        steps");
    for stars in [1, 2, 4, 6, 8, 10] {
        let mut steps = 0;
        let pattern = "a*".repeat(stars) + "b";
        assert!(!naive(pattern.as_bytes(), &[b'a'; 30], &mut steps));
        println!("{stars:>5} {steps:>12}");
    }
}
