//! The recipes of `examples/hosts/`, run as they stand with the real hosts. A test says so when its host is not there; `.ci/run` installs
//! them all, and has a host that is missing fail.

mod dask;
mod datasets;
mod datatrove;
mod github_actions;
mod hf_jobs;
mod parallel;
mod pre_commit;
mod shards;
mod slurm;
mod spark;
mod tasks;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::harness::{left_out, output_of, shell_can};

mod daemon;
mod kcat;
mod logged;
mod logrotate;
mod rsyslog;
mod syslog_ng;
mod systemd;

/// Set where every host must be there.
const REQUIRED: &str = "PROVFILTER_HOSTS_REQUIRED";

/// The files of a folder of `examples/hosts/`, copied to a folder of their own as a user would copy them.
struct Recipe {
    folder: TempDir,
}

/// What a command printed, of a command that succeeded.
struct Printed {
    output: String,
    errors: String,
}

impl Recipe {
    /// Copies the files of a host.
    fn of(host: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hosts").join(host), folder.path());
        Self { folder }
    }

    /// Where a file of this name is, or will be.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file beside the copied ones.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(&path, content).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        self
    }

    /// The folder.
    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Has a file say another place for one that is a system's, like a folder of `/var`, which a test must leave alone.
    fn moves(&self, name: &str, from: &str, to: impl AsRef<Path>) -> &Self {
        let content = self.read(name);
        assert!(content.contains(from), "{name} says nothing of {from}");
        let to = to.as_ref().to_str().expect("paths of tests are text");
        fs::write(self.path(name), content.replace(from, to)).expect("a file can be changed");
        self
    }

    /// A file's content.
    fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// A command of the shell, in the folder and with provfilter on the path.
    fn shell(&self, command: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_provfilter")).parent().expect("the program is in a folder");
        let path = format!("{}:{}:/usr/sbin:/sbin", program.display(), env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("bash");
        shell.args(["-c", command]).current_dir(self.folder.path()).env("PATH", path).stdin(Stdio::null());
        shell
    }

    /// Runs a command of the shell, which must succeed.
    fn runs(&self, command: &str) -> Printed {
        let output = output_of(&mut self.shell(command)).expect("there is a shell");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{command}\n{}\n{printed}\n{errors}", output.status);
        Printed { output: printed, errors }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).unwrap_or_else(|why| panic!("{}: {why}", from.display())) {
        let entry = entry.expect("the files of a recipe can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// A host is there, as far as this command of the shell tells.
fn has(host: &str, command: &str) -> bool {
    let is_there = shell_can(command);
    assert!(is_there || env::var_os(REQUIRED).is_none(), "there is no {host}: {command}");
    if !is_there {
        left_out(format_args!("the recipe for {host}, which is not there"));
    }
    is_there
}
