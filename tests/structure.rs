//! How the source is put together: no modules that need each other in a circle, no long functions, no long files.
//!
//! The source is read as the compiler reads it, but for two things: what is `#[cfg(test)]` counts for nothing, and paths within the
//! arguments of macros are not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItemFn, Item, ItemFn, ItemMod, ItemUse, Signature, TraitItemFn, UseTree, VisRestricted};

const LONGEST_FUNCTION: usize = 60;
const LONGEST_FILE: usize = 400;

/// The library's folder of modules, and the program's.
const LIBRARY: &str = "src";
const PROGRAM: &str = "src/bin/provfilter";

/// Which modules of a folder each of them needs, and a file that says so.
type Needs = BTreeMap<String, BTreeMap<String, PathBuf>>;

/// Where a circle is: the path of a module that holds the modules of the circle, which is empty at the top.
type Circles = BTreeMap<Vec<String>, String>;

#[test]
fn no_modules_of_the_library_need_each_other_in_a_circle() {
    assert_eq!(circles(LIBRARY).remove(&[][..]), None);
}

#[test]
fn no_modules_within_a_module_of_the_library_need_each_other_in_a_circle() {
    let mut circles = circles(LIBRARY);
    circles.remove(&[][..]);
    assert_eq!(circles, Circles::new());
}

#[test]
fn no_modules_of_the_program_need_each_other_in_a_circle_at_any_depth() {
    assert_eq!(circles(PROGRAM), Circles::new());
}

#[test]
fn no_function_is_longer_than_sixty_lines() {
    let long = files(Path::new(LIBRARY)).into_iter().flat_map(|path| {
        let functions = Source::read(&path).functions.into_iter().filter(|(_, length)| *length > LONGEST_FUNCTION);
        functions.map(move |(name, length)| format!("{}: `{name}` has {length} lines", path.display()))
    });
    assert_eq!(long.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn no_file_is_longer_than_four_hundred_lines_without_its_tests() {
    let long = files(Path::new(LIBRARY)).into_iter().filter_map(|path| {
        let lines = Source::read(&path).lines;
        (lines > LONGEST_FILE).then(|| format!("{} has {lines} lines", path.display()))
    });
    assert_eq!(long.collect::<Vec<_>>(), [""; 0]);
}

/// What there is to know about one file.
#[derive(Default)]
struct Source {
    /// Paths that start with `crate` or `super`, written out from the root.
    paths: BTreeSet<Vec<String>>,
    /// Names and lengths in lines, from `fn` to the closing brace.
    functions: Vec<(String, usize)>,
    /// How many lines there are that are not tests.
    lines: usize,
    /// The module that is being read.
    module: Vec<String>,
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(project().join(path)).expect("the source can be read");
        Self::parse(&text, &module(path))
    }

    fn parse(text: &str, module: &[String]) -> Self {
        let file = syn::parse_file(text).expect("the source is Rust");
        let tests: usize = file.items.iter().filter(|item| is_test_module(item)).map(|item| lines(item.span()).count()).sum();
        let mut source = Self { lines: text.lines().count() - tests, module: module.to_vec(), ..Self::default() };
        source.visit_file(&file);
        source
    }

    fn add_function(&mut self, signature: &Signature, body: &Block) {
        let length = lines(signature.span()).start().abs_diff(*lines(body.span()).end()) + 1;
        self.functions.push((signature.ident.to_string(), length));
    }

    /// Notes a path unless it starts at a name that is in scope.
    fn add_path(&mut self, path: &[String]) {
        let supers = path.iter().take_while(|segment| *segment == "super").count();
        let absolute = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("super") => [&self.module[..self.module.len() - supers], &path[supers..]].concat(),
            _ => return,
        };
        self.paths.insert(absolute);
    }

    /// Notes each path of a `use`.
    fn add_use(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.add_use(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.add_path(&with(name.ident.to_string())),
            UseTree::Rename(rename) => self.add_path(&with(rename.ident.to_string())),
            UseTree::Glob(_) => self.add_path(before),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_for_tests(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.add_use(&[], &item.tree);
        }
    }

    /// Who may see an item is no need of its module.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add_path(&segments);
        visit::visit_path(self, path);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add_function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.add_function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.add_function(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

fn is_test_module(item: &Item) -> bool {
    matches!(item, Item::Mod(module) if is_for_tests(&module.attrs))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_cfg_test = |attribute: &Attribute| {
        let meta = attribute.meta.require_list();
        meta.is_ok_and(|meta| meta.path.is_ident("cfg") && meta.tokens.to_string() == "test")
    };
    attributes.iter().any(is_cfg_test)
}

fn lines(span: Span) -> RangeInclusive<usize> {
    span.start().line..=span.end().line
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of Rust in a folder of the project, without those of nothing but tests.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(project().join(folder)).expect("a folder of the source can be listed");
    let names = entries.map(|entry| entry.expect("a folder of the source can be listed").file_name());
    let paths = names.map(|name| folder.join(name));
    let paths = paths.flat_map(|path| if project().join(&path).is_dir() { files(&path) } else { vec![path] });
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs")).collect()
}

/// The module that a file holds, as its path from the root of the library or of the program.
fn module(path: &Path) -> Vec<String> {
    let within = path.strip_prefix(PROGRAM).or_else(|_| path.strip_prefix(LIBRARY)).expect("the file is in the source");
    let names = within.with_extension("").iter().map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>();
    match names.split_last() {
        Some((last, folders)) if ["lib", "main", "mod"].contains(&last.as_str()) => folders.to_vec(),
        _ => names,
    }
}

/// The circles of a library or a program, among the modules at its top and among those within each of them.
fn circles(folder: &str) -> Circles {
    let mut files = files(Path::new(folder));
    files.retain(|path| folder == PROGRAM || !path.starts_with(PROGRAM));
    let parents: BTreeSet<_> = files.iter().filter_map(|path| Some(module(path).split_last()?.1.to_vec())).collect();
    parents.into_iter().filter_map(|parent| Some((parent.clone(), circle(needs(&parent, &files))?))).collect()
}

/// Which modules directly within a parent each of them needs, and at the top what is in no module, as `crate`, which needs all.
fn needs(parent: &[String], files: &[PathBuf]) -> Needs {
    let child = |module: &[String]| module.strip_prefix(parent)?.first().cloned();
    let modules: BTreeSet<_> = files.iter().filter_map(|path| child(&module(path))).collect();
    let mut needs = Needs::new();
    for path in files {
        let Some(module) = child(&module(path)) else {
            continue;
        };
        for needed in Source::read(path).paths {
            let needed = child(&needed).filter(|name| modules.contains(name));
            let needed = needed.or_else(|| parent.is_empty().then(|| "crate".to_owned())).filter(|needed| *needed != module);
            if let Some(needed) = needed {
                needs.entry(module.clone()).or_default().entry(needed).or_insert_with(|| path.clone());
            }
        }
    }
    if let Some(root) = files.iter().find(|path| parent.is_empty() && module(path).is_empty()) {
        needs.insert("crate".to_owned(), modules.into_iter().map(|module| (module, root.clone())).collect());
    }
    needs
}

/// A circle of modules, if there is one, with the file in which each needs the next.
fn circle(mut needs: Needs) -> Option<String> {
    // Modules that need no others are in no circle; without them, others need no others.
    loop {
        let needing: BTreeSet<_> = needs.keys().cloned().collect();
        for needed in needs.values_mut() {
            needed.retain(|module, _| needing.contains(module));
        }
        needs.retain(|_, needed| !needed.is_empty());
        if needs.len() == needing.len() {
            break;
        }
    }
    // Each module that is left needs one that is left, so that going on for long enough leads to one that was there before.
    let mut way = vec![needs.keys().find(|module| *module != "crate")?];
    loop {
        let (next, _) = needs[way[way.len() - 1]].first_key_value().expect("each module needs one");
        if let Some(start) = way.iter().position(|module| *module == next) {
            let steps = way[start..].iter().map(|module| {
                let (needed, path) = needs[*module].first_key_value().expect("each module needs one");
                format!("{module} needs {needed} ({})", path.display())
            });
            return Some(steps.collect::<Vec<_>>().join(", "));
        }
        way.push(next);
    }
}

#[test]
fn a_circle_is_named_and_a_way_without_one_is_none() {
    let needs = |arrows: &[(&str, &str)]| {
        let mut needs = Needs::new();
        for (module, needed) in arrows {
            needs.entry((*module).to_owned()).or_default().insert((*needed).to_owned(), PathBuf::from(format!("{module}.rs")));
        }
        needs
    };
    assert_eq!(circle(needs(&[("a", "b"), ("b", "c"), ("a", "c"), ("d", "a")])), None);
    let found = circle(needs(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("d", "e")]));
    assert_eq!(found.as_deref(), Some("b needs c (b.rs), c needs d (c.rs), d needs b (d.rs)"));
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let text = "
        use crate::{a::A, b::{self, C as D}, e::*};
        use super::f;
        use std::fs;
        #[cfg(test)]
        mod tests { use crate::left_out; }
        mod inner { pub(crate) fn f() -> super::super::g::G { crate::h::<crate::i::I>() } }
    ";
    let source = Source::parse(text, &["top".to_owned(), "here".to_owned()]);
    let paths: Vec<_> = source.paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["a::A", "b::C", "b::self", "e", "h", "i::I", "top::f", "top::g::G"]);
}

#[test]
fn lines_are_counted_without_tests_and_functions_without_what_describes_them() {
    let text =
        "/// Two lines.\n#[inline]\nfn f() {\n}\nimpl A {\n    fn g() {}\n}\n\n#[cfg(test)]\nmod tests {\n    fn h() {\n\n}\n}\n";
    let source = Source::parse(text, &[]);
    assert_eq!(source.functions, [("f".to_owned(), 2), ("g".to_owned(), 1)]);
    assert_eq!(source.lines, 8);
}
