//! A folder of its own for each sample, deleted when the sample has ended.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of one sample.
#[derive(Debug)]
pub(super) struct Scratch {
    root: PathBuf,
    /// Where the sample's file was written.
    pub(super) file: PathBuf,
}

/// Variables that tell where a language is installed; all others are taken away.
const KEPT: [&str; 7] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "JAVA_HOME",
    "GOROOT",
    "NVM_DIR",
    "PYENV_ROOT",
    "RUSTUP_TOOLCHAIN",
];

impl Scratch {
    /// Makes the folder `name` below `parent` with the sample's code in a file; `beside` says whether the file lies in the
    /// folder where the sample runs, or out of its way.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn new(
        parent: &Path,
        name: &str,
        file: &str,
        code: &str,
        beside: bool,
    ) -> io::Result<Self> {
        let root = parent.join(name);
        for folder in ["work", "home", "tmp"] {
            fs::create_dir_all(root.join(folder))?;
        }
        let file = match beside {
            true => root.join("work").join(file),
            // A folder, since an interpreter may look for modules beside its script.
            false => {
                fs::create_dir(root.join("code"))?;
                root.join("code").join(file)
            }
        };
        fs::write(&file, code)?;
        Ok(Self { root, file })
    }

    /// The whole of it.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes a command run here, with an environment of a few variables.
    pub(super) fn enter(&self, command: &mut Command) {
        command
            .current_dir(self.root.join("work"))
            .env_clear()
            .envs(
                KEPT.iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .env("HOME", self.root.join("home"))
            .env("TMPDIR", self.root.join("tmp"))
            .env("LANG", "C.UTF-8");
        if let Some(home) = rustup_home() {
            command.env("RUSTUP_HOME", home);
        }
    }
}

/// Without it a Rust installed by rustup would look for its toolchains in the sample's empty home.
fn rustup_home() -> Option<OsString> {
    std::env::var_os("RUSTUP_HOME").or_else(|| {
        let folder = Path::new(&std::env::var_os("HOME")?).join(".rustup");
        folder.is_dir().then(|| folder.into_os_string())
    })
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.root).is_err() {
            // A sample may have taken its own right to delete away. What still stays goes with the folder above.
            open_up(&self.root);
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// Lets the owner delete what is below a folder.
#[cfg(unix)]
fn open_up(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_dir() {
            let _ = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
        }
    }
}

#[cfg(not(unix))]
fn open_up(_folder: &Path) {}
