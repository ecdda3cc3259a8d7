#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::print_stdout)]
use provfilter::duplicates::*;
use provfilter::screen::Look;
fn main() {
    let mut seen = Seen::default();
    let key = DuplicateKey::content();
    let start = std::time::Instant::now();
    for n in 0..10_000_000u64 {
        let record =
            format!("{{\"id\":{n},\"text\":\"some text of a record that is about a hundred bytes long, more or less: {n:08}\"}}");
        assert!(seen.insert(Fingerprint::of(&Look::at(record.as_bytes()), &key).unwrap()));
        if (n + 1) % 1_000_000 == 0 || n == 8_000_000 || n == 7_400_000 {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let hwm = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
            println!("{} {hwm} {:?}", n + 1, start.elapsed());
        }
    }
}
