use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind, Op, Shape};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "what the old system is told by number or name, and means something else to the new one",
    why: "System calls have other numbers: `syscall(20)` is `getpid` on i386 and `writev` on x86_64. `int $0x80` in assembler \
          still enters the kernel of a 64-bit process, through the table of i386, which takes the lower half of every \
          address. A request of `ioctl` written as a number has the size of its argument in it. Level `look` for texts: a \
          path with `ld-linux.so.2`, `lib32` or `i386-linux-gnu`, a machine that is asked to be called `i686`. Silent for \
          `SYS_getpid`, `_IOR(...)` and all else that headers say for each target.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("the name from the system's header, or the function of the library"),
    visits: &[Kind::Call, Kind::Assembler, Kind::Text],
    look,
};

/// Processors of 32 bits, what takes their place, and what their files and folders are called.
const PROCESSORS: &[(&str, &str, &[&str])] = &[
    (
        "i386",
        "x86_64",
        &[
            "/ld-linux.so.2",
            "/lib32",
            "i386-linux-gnu",
            "i486-linux-gnu",
            "i586-linux-gnu",
            "i686-linux-gnu",
            "i386-redhat-linux",
        ],
    ),
    ("arm", "aarch64", &["/ld-linux.so.3", "/ld-linux-armhf.so.3", "arm-linux-gnueabi"]),
    ("armv7", "aarch64", &["/ld-linux.so.3", "/ld-linux-armhf.so.3", "arm-linux-gnueabi"]),
];

/// How `uname` calls machines of the old kind.
const MACHINES: &[&str] = &["i386", "i486", "i586", "i686", "i?86", "i[3456]86", "i[34567]86"];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let processor = e.tree.sides.as_ref().map(|s| s.processor.as_str());
    let Some((.., names)) = PROCESSORS.iter().find(|(old, new, _)| *old == processor.old && *new == processor.new)
    else {
        return;
    };
    let place = e.written();
    let found = match e.kind() {
        Kind::Assembler => interrupt(e, processor),
        Kind::Text => named(e, names, processor),
        _ => number(e).or_else(|| request(e)),
    };
    let Some((message, help, calm)) = found.filter(|_| !e.is_system(place)) else { return };
    problems.push(Problem { place, message, help: help.into(), calm, ..Problem::default() });
}

type Found = Option<(String, &'static str, bool)>;

/// `syscall(20)`
fn number(call: Expr) -> Found {
    let first = call.arguments().next().filter(|_| call.callee().is_some_and(|c| c.new.name == "syscall"))?.inner();
    let value = first.value().both().filter(|v| !v.differs())?;
    let literal = first.kind() == Kind::Integer && !call.is_system(first.written());
    let message = format!("system call {} is another one on {{old}} than on {{new}}", value.new);
    literal.then_some((message, "use `SYS_...` of <sys/syscall.h>, or the library's function", false))
}

/// `ioctl(fd, 0x80045430, &n)`: bits 16 to 29 are the size of `n`.
fn request(call: Expr) -> Found {
    call.callee().filter(|c| c.new.name == "ioctl")?;
    let mut arguments = call.arguments().skip(1);
    let (request, object) = (arguments.next()?.inner(), arguments.next()?);
    let value = request.value().both().filter(|v| !v.differs())?.new & 0xFFFF_FFFF;
    let literal = request.kind() == Kind::Integer && !call.is_system(request.written());
    let size = call.tree.pointee(object.bare().ty())?.map(|t| t.size).both()?;
    let said = u64::try_from(value >> 16 & 0x3FFF).ok()?;
    let wrong = value >> 30 != 0 && said == size.old && size.new != size.old;
    let message = format!(
        "request {value:#x} says that its argument has {said} bytes, as it has on {{old}}; on {{new}} it has {}",
        size.new
    );
    (literal && wrong).then_some((message, "make the number with `_IOR` and `_IOW`, or take it from a header", false))
}

/// `int $0x80`
fn interrupt(e: Expr, processor: Pair<&str>) -> Found {
    let written = e.as_written().filter(|_| processor.new == "x86_64")?.to_ascii_lowercase();
    let text: String = written.split(|c: char| c.is_whitespace() || c == '"' || c == '\\').collect();
    let enters = ["int$0x80", "int$128", "int0x80", ".byte0xcd,0x80"].iter().any(|i| text.contains(i));
    let message = "a system call through the table of {old}: in a process of {new} every address is cut to 4 bytes";
    enters
        .then(|| (message.to_owned(), "call the library's function, or `syscall` with the number of its header", false))
}

/// A path of the old processor's, or its name where the name of the machine is compared.
fn named(e: Expr, names: &[&str], processor: Pair<&str>) -> Found {
    let text = e.text().filter(|t| !t.differs())?.new;
    if let Some(name) = names.iter().find(|n| text.contains(**n)) {
        // `/lib32x` and the like are other names.
        let whole = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) || name.ends_with("gnueabi");
        let is_path = text.contains('/') && text.find(*name).is_some_and(|at| whole(&text[at + name.len()..]));
        let message = format!("`{name}` is where {{old}} has its files; {{new}} has other ones");
        return is_path.then_some((message, "let the build say it, or ask the system", true));
    }
    let is_machine = MACHINES.contains(&text) && processor.old == "i386";
    let call = e.context();
    let asks = call
        .callee()
        .is_some_and(|c| matches!(c.new.name.as_str(), "strcmp" | "strncmp" | "strcasecmp" | "fnmatch" | "strstr"));
    let machine = |a: Expr| a.name() == "machine" && matches!(a.ty().new.shape, Shape::Array { .. });
    let of_uname = asks
        && call
            .arguments()
            .any(|a| machine(a.bare()) || (a.bare().op() == Op::AddressOf && a.descendants().any(machine)));
    (is_machine && of_uname).then(|| {
        let message = format!("`uname` says `{text}` on {{old}}; on {{new}} it says something else");
        (message, "ask for the new machine as well", true)
    })
}
