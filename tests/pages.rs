//! What the pages refer to is there: links, headings that links name, and paths; and what the project has is named on them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use provfilter::screen::Screen;

const ARCHITECTURE: &str = include_str!("../ARCHITECTURE.md");
const RULES: &str = include_str!("../docs/rules.md");
const HOSTS: &str = include_str!("../docs/hosts.md");

/// Where pages are, besides the top of the project.
const FOLDERS: [&str; 5] = ["docs", "examples", "benches", "fuzz", "schema"];

/// Where the paths in ARCHITECTURE.md start.
const ROOTS: [&str; 3] = ["", "src", "src/bin/provfilter"];

#[test]
fn every_link_leads_to_a_file_and_a_heading_of_the_project() {
    let pages = pages();
    assert!(pages.iter().any(|page| page.ends_with("examples/hosts/slurm/README.md")), "{pages:?}");
    let broken = pages.iter().flat_map(|page| {
        let text = fs::read_to_string(page).expect("a page can be read");
        links(&text).into_iter().filter_map(|link| {
            let why = wrong(page, &link)?;
            Some(format!("{}: {link}: {why}", page.strip_prefix(project()).unwrap_or(page).display()))
        })
    });
    assert_eq!(broken.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_module_is_in_the_code_map_and_every_path_in_it_exists() {
    let modules = listed("src").into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let program = listed("src/bin/provfilter").into_iter().filter(|path| path.is_dir() || !path.with_extension("").is_dir());
    let missing = modules.chain(program).map(|path| {
        let name = path.strip_prefix(project()).expect("the source is in the project").display().to_string();
        if path.is_dir() { format!("{name}/") } else { name }
    });
    let (_, map) = ARCHITECTURE.split_once("\n## Code map\n").expect("there is a code map");
    let (map, _) = map.split_once("\n## ").expect("a section follows");
    let missing = missing.filter(|name| !map.contains(&format!("`{name}`")));
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
    let is_gone = |path: &&str| !ROOTS.iter().any(|root| project().join(root).join(path).exists());
    let gone = ARCHITECTURE.split('`').skip(1).step_by(2).filter(|code| is_path(code)).filter(is_gone);
    assert_eq!(gone.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_page_on_rules_describes_every_screen_as_the_program_does() {
    for screen in Screen::ALL {
        let row = format!("| `{}` | {} | {} |", screen.name(), screen.describe(), screen.source());
        assert!(RULES.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn the_page_on_hosts_links_to_every_recipe() {
    let recipes = listed("examples/hosts").into_iter().filter(|path| path.is_dir());
    let links =
        recipes.map(|path| format!("](../{})", path.strip_prefix(project()).expect("recipes are in the project").display()));
    assert_eq!(links.filter(|link| !HOSTS.contains(link)).collect::<Vec<_>>(), [""; 0]);
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is directly in a folder of the project, in order.
fn listed(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(project().join(folder)).expect("a folder of the project can be listed");
    entries
        .map(|entry| entry.expect("a folder of the project can be listed").path())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// All Markdown files that people read.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<_> = listed("").into_iter().filter(|path| path.is_file()).collect();
    let mut folders: Vec<_> = FOLDERS.map(|folder| project().join(folder)).into();
    while let Some(folder) = folders.pop() {
        let (within, files) = listed(&folder.to_string_lossy()).into_iter().partition::<Vec<_>, _>(|path| path.is_dir());
        folders.extend(within);
        pages.extend(files);
    }
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages
}

/// The lines of a page that are not in a block of code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        inside ^= is_fence;
        !inside && !is_fence
    })
}

/// Where the links and images of a page lead to, without those in code.
fn links(page: &str) -> Vec<String> {
    let text: String = prose(page).flat_map(|line| line.split('`').step_by(2).chain(["\n"])).collect();
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned());
    let named = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).map(|(_, target)| target.to_owned());
    inline.chain(named).filter(|target| !target.contains("://")).collect()
}

/// Why a link of a page leads nowhere, if it does.
fn wrong(page: &Path, link: &str) -> Option<String> {
    let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading)));
    let target = if path.is_empty() { page.to_owned() } else { page.parent().expect("a page is in a folder").join(path) };
    let Ok(target) = target.canonicalize() else {
        return Some("there is no such file".to_owned());
    };
    if !target.starts_with(project().canonicalize().expect("the project is there")) {
        return Some("it leads out of the project".to_owned());
    }
    let heading = heading?;
    let text = fs::read_to_string(&target).expect("a page can be read");
    (!anchors(&text).contains(heading)).then(|| "there is no such heading".to_owned())
}

/// The names by which GitHub links to the headings of a page.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    let headings = prose(page).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchors = headings.map(|heading| {
        let kept = heading.to_lowercase().replace(' ', "-");
        kept.chars().filter(|character| character.is_alphanumeric() || ['-', '_'].contains(character)).collect::<String>()
    });
    anchors
        .map(|anchor| {
            let count = counts.entry(anchor.clone()).or_default();
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
        })
        .collect()
}

/// Code that looks like a path: it has a slash or an extension of a source file, and nothing that a path has not.
fn is_path(code: &str) -> bool {
    let is_plain = code.chars().all(|character| character.is_ascii_alphanumeric() || "/._-".contains(character));
    let has_extension = [".rs", ".md", ".jq", ".toml", ".sh"].iter().any(|extension| code.ends_with(extension));
    is_plain && !code.starts_with('/') && (code.contains('/') || has_extension)
}

#[test]
fn links_are_found_outside_of_code_and_headings_are_named_as_on_git_hub() {
    let page = "# A `b` C, d!\n[a](x.md#y) `[b](z)` ![c](i.png)\n```sh\n[d](w)\n# Not a heading\n```\n[e]: v.md\n## A b C d\n";
    assert_eq!(links(page), ["x.md#y", "i.png", "v.md"]);
    assert_eq!(anchors(page).into_iter().collect::<Vec<_>>(), ["a-b-c-d", "a-b-c-d-1"]);
}
