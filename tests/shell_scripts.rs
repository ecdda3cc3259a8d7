//! `ShellCheck` finds nothing in any shell script of the project, those that users copy among them. The test says so when it is not
//! there; `.ci/run` installs it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{left_out, output_of, shell_can};

/// Where scripts are.
const FOLDERS: [&str; 5] = [".ci", "benches", "docs", "examples", "tests"];

#[test]
fn shellcheck_finds_nothing_in_the_shell_scripts() {
    if !shell_can("shellcheck --version") {
        left_out("the shell scripts, for want of ShellCheck");
        return;
    }
    let scripts: Vec<PathBuf> =
        FOLDERS.iter().flat_map(|folder| scripts(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))).collect();
    assert!(scripts.iter().any(|script| script.ends_with(".ci/run")), "{scripts:?}");
    assert!(scripts.iter().any(|script| script.ends_with("examples/hosts/slurm/array.sbatch")), "{scripts:?}");
    let output = output_of(Command::new("shellcheck").args(&scripts)).expect("ShellCheck is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The shell scripts of a folder and of the folders in it, whatever their names.
fn scripts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a folder can be listed").path());
    paths
        .flat_map(|path| {
            if path.is_dir() { scripts(&path) } else { path.is_file().then_some(path).filter(is_script).into_iter().collect() }
        })
        .collect()
}

/// The first line names a shell.
fn is_script(path: &PathBuf) -> bool {
    let mut start = Vec::new();
    let file = fs::File::open(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    file.take(40).read_to_end(&mut start).expect("a file can be read");
    let first = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    first.starts_with(b"#!") && (first.ends_with(b"sh") || first.ends_with(b"bash"))
}
