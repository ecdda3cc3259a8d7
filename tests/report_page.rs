//! The page: what an HTML parser finds in it for any report, and what Chromium and HTML Tidy make of it. A test says so when either program
//! is not there; `.ci/run` installs them.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use proptest::prelude::*;
use provfilter::Escaped;
use provfilter::fault::{Code, Fault, LocatedFault};
use provfilter::report::{Charset, Format, InputRecord, Report, RuleRecord, StageRecord};
use provfilter::summary::{ContentRow, ExclusionExample, Summary};
use scraper::{ElementRef, Html, Selector};

use crate::harness::{left_out, output_of, shell_can};
use crate::reports::{any_report, full_report, name, report, style};

/// The narrowest screen that the page is for, in pixels.
const NARROWEST: u32 = 360;

fn page(report: &Report) -> String {
    report.render(Format::Html, &style(Charset::Unicode))
}

/// A report that has this name wherever there is text that is not ours.
fn report_with(name: &str) -> Report {
    let mut summary = Summary { total: 9, lines: 10, excluded: 9, covered: 9, rejected: 1, written: 9, ..Summary::default() };
    for names in [&mut summary.by_source, &mut summary.by_model, &mut summary.by_reason, &mut summary.by_month] {
        names.add(name, 9);
    }
    summary.content.add(name, name, ContentRow { records: 9, ..ContentRow::default() });
    let example = ExclusionExample { file: name.into(), line: 1, byte_offset: 0, found: Some(name.to_owned()) };
    summary.exclusion_examples.add(&name.into(), example);
    summary.by_error.add(Code::NotJson, 1);
    summary.faults = vec![LocatedFault { file: name.into(), line: 1, byte_offset: 0, fault: Fault::new(Code::NotJson, name) }];
    let mut report = report(summary);
    name.clone_into(&mut report.run_id);
    report.runs.insert(name.to_owned());
    report.run.stages = vec![StageRecord { name: name.to_owned(), values: [(name.to_owned(), vec![name.to_owned()])].into() }];
    report.run.rules = vec![RuleRecord { reason: name.to_owned(), filter: Some(name.to_owned()), screen: Some(name.to_owned()) }];
    report.run.inputs = vec![InputRecord { name: name.to_owned(), lines: 1, bytes: 1, sha256: Some(name.to_owned()) }];
    (report.run.output.name, report.run.output.sha256) = (Some(name.to_owned()), Some(name.to_owned()));
    report
}

/// Names that make trouble.
fn hostile_names() -> Vec<String> {
    let mut names = [
        "<script>document.title='taken over'</script>",
        "\"><img src=http://provfilter.invalid/x onerror=alert(1)>",
        "</style></table></main><h1>gone</h1>",
        "<!-- -->]]>&lt;&#60;",
        "right\u{202e}left\u{2066}isolate",
        "nul\0escape\u{1b}[31m\r\n\u{fffe}",
    ]
    .map(str::to_owned)
    .to_vec();
    names.extend(["n".repeat(300), "通义千问".repeat(75), "e\u{301}\u{302}\u{303}".repeat(75), "👩‍👩‍👧‍👦".repeat(20)]);
    names
}

/// A report of 2,000 models and of names that make trouble, in each of its tables.
fn hostile_report() -> Report {
    let names = hostile_names();
    let mut report = report_with(&names[1]);
    let models = (0..2000).map(|number| (format!("model-{number:04}"), 1));
    for (name, count) in names.iter().map(|name| (name.clone(), 50)).chain(models) {
        let summary = &mut report.summary;
        for table in [&mut summary.by_source, &mut summary.by_model, &mut summary.by_month] {
            table.add(&name, count);
        }
        summary.content.add(&name, &name, ContentRow { records: count, ..ContentRow::default() });
        summary.total += count;
    }
    report
}

fn selected<'p>(page: &'p Html, selector: &str) -> Vec<ElementRef<'p>> {
    page.select(&Selector::parse(selector).expect("the selector is one")).collect()
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// The page as a parser understands it, which must have nothing to complain about.
fn parsed(text: &str) -> Html {
    let page = Html::parse_document(text);
    assert!(page.errors.is_empty(), "{:?}\n{text}", page.errors);
    page
}

/// The names of all elements, with their attributes, in their order.
fn elements(page: &Html) -> Vec<String> {
    let described = |element: ElementRef<'_>| {
        // What a label says may depend on numbers, and the length of a bar does.
        let attributes = element.value().attrs().filter(|(name, _)| !["width", "height", "x", "y", "viewBox"].contains(name));
        let attributes: Vec<_> = attributes.map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}", element.value().name(), attributes.join(" "))
    };
    selected(page, "*").into_iter().map(described).collect()
}

/// What the page shows of a name.
fn shown(name: &str) -> String {
    let mut text = String::new();
    for character in Escaped::new(name, 300).to_string().chars() {
        match u32::from(character) {
            code @ (0xfdd0..=0xfdef) => write!(text, "\\u{{{code:x}}}").expect("a string takes all"),
            code if code & 0xfffe == 0xfffe => write!(text, "\\u{{{code:x}}}").expect("a string takes all"),
            _ => text.push(character),
        }
    }
    text
}

/// Holds the page against what a screen reader needs, and against a list of what may be in it.
fn check_structure(page: &Html) {
    const ELEMENTS: [&str; 34] = [
        "bdi", "body", "br", "code", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "head", "header", "html", "li", "main",
        "meta", "p", "rect", "section", "span", "strong", "style", "svg", "table", "tbody", "td", "th", "thead", "time", "title",
        "tr", "ul",
    ];
    const ATTRIBUTES: [&str; 21] = [
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "charset",
        "class",
        "content",
        "focusable",
        "height",
        "http-equiv",
        "id",
        "lang",
        "name",
        "preserveAspectRatio",
        "role",
        "scope",
        "tabindex",
        "viewBox",
        "width",
        "x",
        "y",
        "title",
    ];
    for element in selected(page, "*") {
        let (name, html) = (element.value().name(), element.html());
        assert!(ELEMENTS.contains(&name), "{html}");
        assert!(element.value().attrs().all(|(attribute, _)| ATTRIBUTES.contains(&attribute)), "{html}");
        if name == "th" {
            assert!(["col", "row"].contains(&element.attr("scope").unwrap_or_default()), "{html}");
        }
        if name == "svg" {
            let has_title = element.first_child().and_then(ElementRef::wrap).is_some_and(|child| child.value().name() == "title");
            let is_hidden =
                element.ancestors().filter_map(ElementRef::wrap).any(|outer| outer.attr("aria-hidden") == Some("true"));
            let is_hidden = is_hidden || element.attr("aria-hidden") == Some("true");
            assert!(is_hidden || element.attr("role") == Some("img") && has_title, "{html}");
        }
        if let Some(id) = element.attr("aria-labelledby") {
            assert_eq!(selected(page, &format!("#{id}")).len(), 1, "{id} is there once");
        }
    }
    for landmark in ["header", "main", "footer", "h1", "html[lang=en]", "meta[http-equiv=Content-Security-Policy]"] {
        assert_eq!(selected(page, landmark).len(), 1, "{landmark}");
    }
    let levels = selected(page, "h1, h2, h3").into_iter().map(|heading| heading.value().name().as_bytes()[1]).collect::<Vec<_>>();
    assert!(levels[0] == b'1' && levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    assert!(selected(page, "tbody").iter().all(|body| body.child_elements().count() <= 100), "tables are bounded");
}

#[test]
fn the_page_tells_the_counts_and_names_of_the_report() {
    let page = parsed(&page(&full_report()));
    check_structure(&page);
    let figures = selected(&page, ".figures > li").into_iter().map(text_of).collect::<Vec<_>>();
    let expected = [
        "Records 1,220 5,000,000 bytes written",
        "Approved 1,095 89.8%",
        "Excluded 120 9.8%",
        "Coverage 99.6% approved or excluded",
        "Complete 96.7% have all required fields",
        "Faults 19 in 1,238 lines",
    ];
    assert_eq!(figures, expected);
    let rows = |id: &str| -> Vec<_> {
        let rows = selected(&page, &format!("section[aria-labelledby={id}] tbody tr")).into_iter();
        rows.map(|row| row.child_elements().map(text_of).collect::<Vec<_>>().join(" | ")).collect()
    };
    assert_eq!(rows("sources"), ["trajectory | 1,100 | 90.2%", "curated | 100 | 8.2%", "unknown | 20 | 1.6%"]);
    assert_eq!(rows("months")[..2], ["2025-03 | 40 | 3.3%", "2025-04 | 90 | 7.5%"]);
    assert_eq!(rows("reasons")[2], "secret | 5 | 4.2%");
    assert_eq!(rows("content")[3], "unknown | unknown | 20 | 50,000 | 5 | 10 | unknown | unknown");
    assert_eq!(rows("fields")[0], "source_session_idmissing in 40, fill with --session-id | 1,180 | 96.7%");
    assert!(rows("examples")[2].contains("data/2026-03/part-0001.jsonl:512: a token of GitHub: ghp_…"), "{:?}", rows("examples"));
    assert!(rows("faults").iter().any(|row| row.starts_with("data/2026-03/part-0001.jsonl:17 | not_json: not JSON")));
    assert!(rows("run").contains(&"low-score | .score < 0.5".to_owned()), "{:?}", rows("run"));
}

#[test]
fn two_thousand_models_are_fifty_and_the_rest() {
    let page = parsed(&page(&hostile_report()));
    check_structure(&page);
    let rows = selected(&page, "section[aria-labelledby=models] tbody tr");
    assert_eq!(rows.len(), 51);
    assert_eq!(text_of(rows[50]), "and 1,960 more1,96078.1%");
}

#[test]
fn names_that_make_trouble_stay_text() {
    let page = parsed(&page(&hostile_report()));
    let names: Vec<_> = selected(&page, "section[aria-labelledby=models] th bdi").into_iter().map(text_of).collect();
    for name in hostile_names() {
        let name = shown(&name[..name.floor_char_boundary(256)]);
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_page_of_any_report_is_well_formed(report in any_report()) {
        check_structure(&parsed(&page(&report)));
    }

    #[test]
    fn a_name_adds_neither_elements_nor_attributes(name in name()) {
        let (own, plain) = (parsed(&page(&report_with(&name))), parsed(&page(&report_with("m"))));
        prop_assert_eq!(elements(&own), elements(&plain));
        for element in selected(&own, "bdi") {
            prop_assert_eq!(text_of(element), shown(&name));
        }
    }
}

fn has(program: &str) -> bool {
    let is_there = shell_can(&format!("{program} --version"));
    if !is_there {
        left_out(format_args!("a look at the page, for want of {program}"));
    }
    is_there
}

/// Writes a page into a folder, and has Chromium open it with a profile of its own.
fn open_in_chromium(folder: &Path, page: &str, args: &[&str]) -> Output {
    let file = folder.join("page.html");
    fs::write(&file, page).expect("a page can be written");
    // One that waits for something in vain must not hold up the tests.
    let mut chromium = Command::new("timeout");
    chromium.args([
        "120",
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
    ]);
    chromium.args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"]);
    chromium.args(["--enable-logging=stderr", "--virtual-time-budget=5000"]);
    chromium.arg(format!("--user-data-dir={}", folder.join("profile").display())).args(args);
    chromium.arg(format!("file://{}", file.display()));
    let output = output_of(&mut chromium).expect("Chromium can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What scripts and the browser itself say of a page.
fn console(output: &Output) -> Vec<String> {
    let errors = String::from_utf8_lossy(&output.stderr);
    errors.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect()
}

/// Opens a page in a Chromium whose requests all go to us, who answer none. Returns what it prints, and the first line of each request.
fn open_and_note_requests(page: &str, args: &[&str]) -> (Output, Vec<String>) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = proxy.local_addr().expect("a listener has an address");
    thread::scope(|scope| {
        let requests = scope.spawn(|| proxy.incoming().map_while(request).filter(|line| !is_of_chromium_itself(line)).collect());
        let (flag, all) = (format!("--proxy-server=http://{address}"), "--proxy-bypass-list=<-loopback>");
        let output = open_in_chromium(folder.path(), page, &[&[&flag, all], args].concat());
        let mut last = TcpStream::connect(address).expect("the listener is there until it hears of the end");
        last.write_all(b"end\n").expect("the listener hears of the end");
        (output, requests.join().expect("noting does not panic"))
    })
}

/// Chromium asks its makers for the time and for updates, whatever it shows.
fn is_of_chromium_itself(request: &str) -> bool {
    ["google.com", "googleapis.com", "gvt1.com"].iter().any(|host| request.contains(host))
}

/// The first line that somebody sends; `None` for the one that says that there are no more.
fn request(stream: io::Result<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let stream = stream.expect("somebody has connected");
    // A connection that is given up has asked for nothing.
    let _ = BufReader::new(stream).read_line(&mut line);
    (line != "end\n").then_some(line)
}

#[test]
fn chromium_shows_the_page_without_a_request_or_a_complaint() {
    if !has("chromium") {
        return;
    }
    for (report, total) in [(full_report(), "1,220"), (hostile_report(), "2,509")] {
        let (output, requests) = open_and_note_requests(&page(&report), &["--dump-dom"]);
        assert_eq!((console(&output), requests), (vec![], vec![]));
        let page = Html::parse_document(&String::from_utf8(output.stdout).expect("a page is text"));
        assert_eq!(text_of(selected(&page, ".figures strong")[0]), total);
        assert_eq!(text_of(selected(&page, "title")[0]), format!("Provenance of {total} records"));
        check_structure(&page);
    }
}

#[test]
fn chromium_would_be_seen_to_ask_and_to_complain() {
    if !has("chromium") {
        return;
    }
    let asking =
        "<!DOCTYPE html><title>t</title><img src='http://provfilter.invalid/x' alt=''><script>console.log('here')</script>";
    let (output, requests) = open_and_note_requests(asking, &["--dump-dom"]);
    assert!(!requests.is_empty() && console(&output).len() == 1, "{requests:?} {:?}", console(&output));

    // Even if a name became markup, the page's policy would keep it from doing anything.
    let ours = page(&full_report());
    let broken =
        ours.replace("trajectory", "<img src='http://provfilter.invalid/x' alt=''><script>document.title='taken over'</script>");
    let (output, requests) = open_and_note_requests(&broken, &["--dump-dom"]);
    let dom = String::from_utf8_lossy(&output.stdout);
    assert!(dom.contains("<img ") && dom.contains("<title>Provenance of 1,220 records"), "{dom}");
    assert_eq!(requests, [""; 0]);
    assert!(console(&output).iter().all(|line| line.contains("Content Security Policy")), "{:?}", console(&output));
}

/// A page that holds another in a frame of this width.
fn framed(page: &str, width: u32, height: u32, more: &str) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<!DOCTYPE html><meta charset=utf-8><title>frame</title><style>body {{ margin: 0 }} iframe {{ display: block; border: 0 }}</style>\
         <iframe width={width} height={height} srcdoc=\"{page}\"></iframe>{more}"
    )
}

#[test]
fn no_screen_from_360_pixels_up_is_scrolled_sideways() {
    if !has("chromium") {
        return;
    }
    let measure = "<output></output><script>onload = () => {
        const page = document.querySelector('iframe').contentDocument.documentElement;
        document.querySelector('output').textContent = page.clientWidth + ' ' + page.scrollWidth;
    }</script>";
    for report in [full_report(), hostile_report()] {
        for width in [NARROWEST, 700, 1280] {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let output = open_in_chromium(folder.path(), &framed(&page(&report), width, 800, measure), &["--dump-dom"]);
            let dom = Html::parse_document(&String::from_utf8_lossy(&output.stdout));
            let widths = text_of(selected(&dom, "output")[0]);
            let widths: Vec<u32> = widths.split(' ').map(|width| width.parse().expect("it is a width")).collect();
            // A scroll bar at the side may take some of the width.
            assert!(widths[0] > width - 20 && widths[0] == widths[1], "{width}: {widths:?}");
        }
    }
}

/// Pictures to look at, in `target/report_page/`: narrow and wide, light and dark.
#[test]
fn chromium_paints_the_page_narrow_and_wide_light_and_dark() {
    if !has("chromium") {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report_page");
    fs::create_dir_all(&folder).expect("a folder can be made");
    for (name, report) in [("full", full_report()), ("hostile", hostile_report())] {
        for (width, height) in [(NARROWEST, 7000), (1280, 3600)] {
            let mut pictures = ["light", "dark"].map(|scheme| {
                let profile = tempfile::tempdir().expect("a temporary folder can be made");
                let picture = folder.join(format!("{name}-{width}-{scheme}.png"));
                let style = format!("<style>:root {{ color-scheme: {scheme} }} iframe {{ color-scheme: {scheme} }}</style>");
                let preferred = u8::from(scheme == "light");
                let args = [
                    format!("--screenshot={}", picture.display()),
                    format!("--window-size={},{height}", width.max(500)),
                    format!("--blink-settings=preferredColorScheme={preferred}"),
                    "--hide-scrollbars".to_owned(),
                ];
                let framed = framed(&page(&report), width, height, &style);
                open_in_chromium(profile.path(), &framed, &args.each_ref().map(String::as_str));
                fs::read(&picture).expect("there is a picture")
            });
            let [light, dark] = &mut pictures;
            assert!(light.starts_with(b"\x89PNG") && dark.starts_with(b"\x89PNG") && light != dark, "{name} at {width}");
        }
    }
}

#[test]
fn tidy_finds_nothing_wrong_with_the_page() {
    if !has("tidy") {
        return;
    }
    for report in [full_report(), hostile_report(), report(Summary::default())] {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("page.html");
        fs::write(&file, page(&report)).expect("a page can be written");
        let output = output_of(Command::new("tidy").args(["-quiet", "-errors", "--mute-id", "yes"]).arg(&file));
        let output = output.expect("tidy can be started");
        let complaints = String::from_utf8_lossy(&output.stderr);
        // It knows the elements of SVG, but not all of their attributes.
        let complaints = complaints.lines().filter(|line| !line.contains("proprietary attribute")).collect::<Vec<_>>();
        assert!(output.status.code() < Some(2) && complaints.is_empty(), "{complaints:#?}");
    }
}
