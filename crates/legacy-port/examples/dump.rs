use legacy_port::binary::dwarf;
fn show(ms: &[legacy_port::layout::Member], d: usize) {
    for m in ms { println!("{}{} {} @{} {}{}", "  ".repeat(d), m.ty, m.name, m.offset, m.bits, if m.bit_field {" bf"} else {""}); show(&m.members, d+1); }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let d = dwarf::read(std::path::Path::new(&a[1]), dwarf::Options { predict: a.get(2).is_some_and(|x| x == "predict") });
    eprintln!("{:?}", t.elapsed());
    match d { Err(e) => println!("ERR {e}"), Ok(d) => {
        if a.get(2).is_some_and(|x| x == "-q") { println!("{} records, {:?}", d.records.len(), d.missing); return }
        for r in &d.records { println!("{:?} {} size {} align {} {:?} ptr {}", r.kind, r.layout.name, r.layout.size, r.layout.align, r.place, r.pointers); show(&r.layout.members, 1); }
        println!("{:?} {:?}", d.machine, d.missing);
    }}
}
