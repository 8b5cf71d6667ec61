//! Ids in the shape of Stripe's: a prefix that tells the kind, and random letters and digits.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `prefix` and `length` random letters and digits: `random_id("cus_", 14)`.
pub(crate) fn random_id(prefix: &str, length: usize) -> Result<String, getrandom::Error> {
    let mut id = String::with_capacity(prefix.len() + length);
    id.push_str(prefix);
    let mut bytes = [0_u8; 64];
    let mut left = length;
    while left > 0 {
        getrandom::fill(&mut bytes)?;
        // 248 is the largest multiple of 62 in a byte: beyond it, some letters would come more often.
        for byte in bytes.iter().filter(|byte| **byte < 248).take(left) {
            if let Some(letter) = ALPHABET.get(usize::from(byte % 62)) {
                id.push(char::from(*letter));
                left -= 1;
            }
        }
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_prefix_and_length_and_is_another_each_time() {
        let one = random_id("cs_test_a1", 58).unwrap();
        assert!(one.starts_with("cs_test_a1"));
        assert_eq!(one.len(), 68);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        assert_ne!(one, random_id("cs_test_a1", 58).unwrap());
    }
}
