//! Remembers the counts of files that have not changed since. Would rather
//! forget than lie.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, SystemTime};

use crate::classify::Counts;
use crate::language::Language;

/// As long as this, a file may change without getting another time stamp.
/// Two seconds are the worst there is (FAT).
pub const COARSENESS: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct Cache {
    /// Where relative paths begin.
    folder: PathBuf,
    /// Files that changed at this time or later are not remembered.
    trusted_before: SystemTime,
    known: HashMap<Vec<u8>, (Entry, Counts)>,
}

/// What must be the same for the counts to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    stamp: Stamp,
    language: Vec<u8>,
}

/// Size, time of the last change in content, and where the system has them
/// the time of the last change of any kind and the number of the file.
type Stamp = [u64; 6];

/// To be remembered, once the counts are known.
#[derive(Debug)]
pub struct Note {
    path: Vec<u8>,
    entry: Entry,
}

impl Cache {
    /// The counts of a file, if they are known; and a note for the next
    /// run, unless the file is too young. Ask *before* reading the file.
    pub fn ask(
        &self,
        path: &Path,
        language: &Language,
    ) -> (Option<Counts>, Option<Note>) {
        let Some(stamp) = fs::metadata(path)
            .ok()
            .and_then(|metadata| self.stamp(&metadata))
        else {
            return (None, None);
        };
        let language = language.name.as_bytes().to_owned();
        let path = self.folder.join(path);
        let note = Note {
            path: path.as_os_str().as_encoded_bytes().to_owned(),
            entry: Entry { stamp, language },
        };
        let counts = match self.known.get(&note.path) {
            Some((entry, counts)) if *entry == note.entry => Some(*counts),
            _ => None,
        };
        (counts, Some(note))
    }

    /// `None` for what changed a moment ago, or in the future.
    fn stamp(&self, metadata: &Metadata) -> Option<Stamp> {
        let modified = metadata.modified().ok()?;
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let (changed, number) = system_stamp(metadata)?;
        let newest = changed.max(since);
        let trusted = self
            .trusted_before
            .duration_since(SystemTime::UNIX_EPOCH)
            .ok()?;
        (newest < trusted).then_some([
            metadata.len(),
            since.as_secs(),
            since.subsec_nanos().into(),
            changed.as_secs(),
            changed.subsec_nanos().into(),
            number,
        ])
    }
}

#[cfg(unix)]
fn system_stamp(metadata: &Metadata) -> Option<(Duration, u64)> {
    use std::os::unix::fs::MetadataExt;
    let seconds = metadata.ctime().try_into().ok()?;
    let nanoseconds = metadata.ctime_nsec().try_into().ok()?;
    Some((Duration::new(seconds, nanoseconds), metadata.ino()))
}

#[cfg(not(unix))]
fn system_stamp(_: &Metadata) -> Option<(Duration, u64)> {
    Some((Duration::ZERO, 0))
}

impl Cache {
    /// What `file` remembers; nothing, if there is anything wrong with it.
    pub fn load(
        file: &Path,
        folder: PathBuf,
        trusted_before: SystemTime,
    ) -> Self {
        let bytes = fs::read(file).unwrap_or_default();
        Self {
            folder,
            trusted_before,
            known: decode(&bytes).unwrap_or_default(),
        }
    }
}

/// Puts a new cache in the place of the old one, all of it or nothing.
pub fn save(file: &Path, notes: Vec<(Note, Counts)>) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", process::id()));
    let new = file.with_file_name(name);
    let result =
        fs::write(&new, encode(notes)).and_then(|()| fs::rename(&new, file));
    if result.is_err() {
        let _ = fs::remove_file(&new);
    }
    result
}

/// All that decides about counts besides the file: the format of the cache,
/// and the code that counts.
fn program() -> u64 {
    let mut hash = checksum(b"tally cache 1");
    for code in [
        include_bytes!("classify.rs").as_slice(),
        include_bytes!("language.rs"),
        include_bytes!("count.rs"),
    ] {
        hash = hash.wrapping_mul(31) ^ checksum(code);
    }
    hash
}

fn encode(mut notes: Vec<(Note, Counts)>) -> Vec<u8> {
    notes.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    let mut bytes = Vec::new();
    let number = |bytes: &mut Vec<u8>, number: u64| {
        bytes.extend(number.to_le_bytes());
    };
    number(&mut bytes, program());
    for (Note { path, entry }, counts) in notes {
        for text in [&path, &entry.language] {
            number(&mut bytes, text.len() as u64);
            bytes.extend(text);
        }
        let Counts {
            code,
            comments,
            blanks,
        } = counts;
        for part in entry.stamp.into_iter().chain([code, comments, blanks]) {
            number(&mut bytes, part);
        }
    }
    let sum = checksum(&bytes);
    number(&mut bytes, sum);
    bytes
}

fn decode(bytes: &[u8]) -> Option<HashMap<Vec<u8>, (Entry, Counts)>> {
    let (mut rest, sum) = bytes.split_last_chunk()?;
    if checksum(rest) != u64::from_le_bytes(*sum) {
        return None;
    }
    let rest = &mut rest;
    if number(rest)? != program() {
        return None;
    }
    let mut known = HashMap::new();
    while !rest.is_empty() {
        let (path, language) = (text(rest)?, text(rest)?);
        let mut stamp = Stamp::default();
        for part in &mut stamp {
            *part = number(rest)?;
        }
        let counts = Counts {
            code: number(rest)?,
            comments: number(rest)?,
            blanks: number(rest)?,
        };
        known.insert(path, (Entry { stamp, language }, counts));
    }
    Some(known)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let bytes;
    (bytes, *rest) = rest.split_first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

fn text(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let length = usize::try_from(number(rest)?).ok()?;
    let text;
    (text, *rest) = rest.split_at_checked(length)?;
    Some(text.to_owned())
}

/// FNV-1a, 64 bits: against accidents, not against malice.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language;
    use crate::parallel::{self, Work};
    use std::env;
    use std::num::NonZero;
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    fn folder(name: &str) -> PathBuf {
        let name = format!("tally-cache-{}-{name}", process::id());
        let folder = env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn every_damage_is_noticed() {
        let note = |path: &str| Note {
            path: path.as_bytes().to_owned(),
            entry: Entry {
                stamp: [1, 2, 3, 4, 5, 6],
                language: b"Rust".to_vec(),
            },
        };
        let counts = Counts {
            code: 7,
            comments: 8,
            blanks: 9,
        };
        let whole = encode(vec![(note("a.rs"), counts), (note("b"), counts)]);
        assert_eq!(decode(&whole).unwrap().len(), 2);
        for length in 0..whole.len() {
            assert!(decode(&whole[..length]).is_none(), "cut at {length}");
        }
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[place] ^= 1 << bit;
                assert!(decode(&bytes).is_none(), "bit {bit} of {place}");
            }
        }
    }

    #[test]
    fn what_changed_a_moment_ago_is_not_remembered() {
        let folder = folder("young");
        let path = folder.join("a.rs");
        fs::write(&path, "x();\n").unwrap();
        let now = SystemTime::now();
        let noted = |trusted_before| {
            let cache =
                Cache::load(Path::new(""), folder.clone(), trusted_before);
            let rust = language::named("Rust").unwrap();
            cache.ask(&path, rust).1.is_some()
        };
        assert!(!noted(now - COARSENESS));
        assert!(noted(now + COARSENESS));
        let file = fs::File::options().write(true).open(&path).unwrap();
        let day = Duration::from_secs(86_400);
        // A clock that is wrong, or a file from the future.
        file.set_modified(now + day).unwrap();
        assert!(!noted(now + COARSENESS));
        // It looks old, but was given that look a moment ago.
        file.set_modified(now - day).unwrap();
        assert_eq!(noted(now - COARSENESS), cfg!(not(unix)));
        fs::remove_dir_all(folder).unwrap();
    }

    /// Numbers without a pattern, the same in every run (xorshift).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % end
        }
    }

    /// The time that a file system's clock may stand still, in this test.
    const TICK: Duration = Duration::from_millis(20);

    #[test]
    fn a_cache_never_changes_an_answer() {
        let folder = folder("history");
        let file = folder.join("cache");
        let paths: Vec<PathBuf> = (0..6)
            .map(|number| folder.join(format!("{number}.rs")))
            .collect();
        let mut dice = Dice(7);
        let mut remembered = 0;
        for step in 0..120 {
            let path = &paths[dice.below(6) as usize];
            // Four bytes each, so that the size gives nothing away.
            let text =
                ["x();", "//xx", "\n\n\n\n", "x\n/*"][dice.below(4) as usize];
            match dice.below(8) {
                0 => drop(fs::remove_file(path)),
                1 => drop(fs::rename(path, &paths[dice.below(6) as usize])),
                2 if cfg!(unix) => {
                    // As `cp -p`, `tar` and `touch -r` do it.
                    let before = fs::metadata(path).and_then(|m| m.modified());
                    fs::write(path, text).unwrap();
                    if let Ok(before) = before {
                        let file = fs::File::options().write(true).open(path);
                        file.unwrap().set_modified(before).unwrap();
                    }
                }
                _ => fs::write(path, text).unwrap(),
            }
            if dice.below(3) == 0 {
                thread::sleep(2 * TICK);
            }
            let trusted_before = SystemTime::now() - TICK;
            let cache = Cache::load(&file, folder.clone(), trusted_before);
            let count = |cache| {
                let work = Work {
                    files: &paths,
                    languages: &Default::default(),
                    cache,
                };
                let taken = AtomicUsize::new(0);
                parallel::count_files(work, NonZero::<usize>::MIN, &taken)
            };
            let (with, without) = (count(Some(&cache)), count(None));
            assert_eq!(
                format!("{:?}", with.report),
                format!("{:?}", without.report),
                "in step {step}"
            );
            remembered += with.remembered;
            save(&file, with.notes).unwrap();
        }
        assert!(remembered > 100, "it remembered {remembered} times only");
        fs::remove_dir_all(folder).unwrap();
    }
}
