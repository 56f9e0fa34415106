//! What goes into an image beside the program: the loader's own verdict, and programs run in the image alone, are the
//! witnesses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use container::config::Config;
use container::explain;
use container::facts::Facts;
use container::image::{Image, Options};
use container::package::Packages;
use container::plan::{Content, Machine, Plan};
use container::{rootfs, trace};

/// A folder in which things are compiled.
struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Compiles C code to `out`.
    fn cc(&self, out: &str, code: &str, flags: &[&str]) {
        let path = self.at(out);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let source = path.with_extension("c");
        fs::write(&source, code).unwrap();
        let status =
            Command::new("cc").arg("-o").arg(&path).arg(&source).args(flags).current_dir(self.dir.path()).status();
        assert!(status.unwrap().success(), "{out}");
    }

    fn plan(&self, config: &str) -> container::Result<Plan> {
        let file = self.at("image.toml");
        fs::write(&file, format!("[image]\nname = \"case\"\nentrypoint = [\"/app/bin/main\"]\n{config}")).unwrap();
        let folders = BTreeMap::new();
        Plan::new(&Config::load(&file)?, &Machine { root: self.dir.path(), folders: &folders })
    }

    /// The plan of `bin/main`, with more lines of configuration.
    fn main(&self, more: &str) -> container::Result<Plan> {
        self.plan(&format!("[[program]]\nfrom = \"bin/main\"\nto = \"/app/bin/main\"\n{more}"))
    }

    /// Unpacks the image of a plan and runs its program with nothing else around.
    fn run(&self, plan: &Plan, args: &[&str], env: &[(&str, &str)]) -> Output {
        let root = self.at("rootfs");
        let _ = fs::remove_dir_all(&root);
        rootfs::unpack(&Image::build(plan, &Options::default(), &self.at("layout")).unwrap(), &root, false).unwrap();
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let mut command = Command::new("unshare");
        if !is_root {
            command.args(["--user", "--map-root-user"]);
        }
        // The loader asks /proc for `$ORIGIN`.
        let script = "mkdir -p $1/proc && mount -t proc proc $1/proc && root=$1 && shift && exec chroot $root /app/bin/main \"$@\"";
        command.args(["--mount", "--pid", "--fork", "sh", "-c", script, "sh"]).arg(&root).args(args);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.envs(env.iter().copied()).output().unwrap()
    }
}

fn paths(plan: &Plan) -> Vec<String> {
    plan.layers.iter().flat_map(|(_, e)| e.keys()).map(|p| format!("/{}", p.display())).collect()
}

fn has(plan: &Plan, path: &str) -> bool {
    paths(plan).iter().any(|p| p == path)
}

const MAIN: &str = "int a(void); int main(void) { return a() - 3; }";
const A: &str = "int b(void); int a(void) { return b() + 1; }";
const B: &str = "int b(void) { return 2; }";

/// `main` needs `liba`, which needs `libb`; `liba` says nothing of where that is.
fn chain(tags: &str) -> Case {
    let case = Case::new();
    case.cc("lib/libb.so", B, &["-shared", "-fPIC"]);
    case.cc("lib/liba.so", A, &["-shared", "-fPIC", "-Llib", "-lb"]);
    case.cc("bin/main", MAIN, &["-Llib", "-la", "-Wl,-rpath-link,lib", "-Wl,-rpath,$ORIGIN/../lib", tags]);
    case
}

#[test]
fn rpath_counts_for_what_libraries_need() {
    let case = chain("-Wl,--disable-new-dtags");
    assert!(Command::new(case.at("bin/main")).status().unwrap().success(), "the loader finds both");
    let plan = case.main("").unwrap();
    assert!(has(&plan, "/app/lib/liba.so") && has(&plan, "/app/lib/libb.so"), "{:?}", paths(&plan));
    // The same folders beside the program in the image: it starts there.
    assert!(case.run(&plan, &[], &[]).status.success());
    let text = explain::text(&plan);
    assert!(text.contains("needed, RPATH $ORIGIN/../lib"), "{text}");
}

#[test]
fn runpath_does_not() {
    let case = chain("-Wl,--enable-new-dtags");
    assert!(!Command::new(case.at("bin/main")).output().unwrap().status.success(), "the loader does not find libb");
    let error = case.main("").unwrap_err().to_string();
    assert!(error.contains("liba.so") && error.contains("needs `libb.so`") && error.contains("/usr/lib/"), "{error}");
    // A folder of the image is as good as one of this machine, and comes first.
    let file = "[[file]]\nfrom = \"lib/libb.so\"\nto = \"/lib/libb.so\"\nmode = \"0755\"\n";
    let plan = case.main(file).unwrap();
    assert!(case.run(&plan, &[], &[]).status.success());
    // As does the environment, for a library in a folder of its own.
    let file = "[[file]]\nfrom = \"lib/libb.so\"\nto = \"/opt/b/libb.so\"\n[image.env]\nLD_LIBRARY_PATH = \"/opt/b\"\n";
    let plan = case.main(file).unwrap();
    assert!(case.run(&plan, &[], &[("LD_LIBRARY_PATH", "/opt/b")]).status.success());
}

#[test]
fn libraries_among_the_files_bring_what_they_need() {
    let case = chain("-Wl,--disable-new-dtags");
    case.cc("plugin.so", "double cos(double); int f(int i) { return cos(i); }", &["-shared", "-fPIC", "-lm"]);
    assert!(!has(&case.main("").unwrap(), "/lib/x86_64-linux-gnu/libm.so.6"));
    let plan = case.main("[[file]]\nfrom = \"plugin.so\"\nto = \"/app/plugin.so\"\n").unwrap();
    assert!(has(&plan, "/lib/x86_64-linux-gnu/libm.so.6"), "{:?}", paths(&plan));
}

#[test]
fn what_is_opened_at_run_time() {
    let case = Case::new();
    case.cc("lib/libplug.so.1", "int plug(void) { return 7; }", &["-shared", "-fPIC", "-Wl,-soname,libplug.so.1"]);
    let code = r#"#include <dlfcn.h>
        int main(void) { void *p = dlopen("libplug.so.1", RTLD_NOW); return p ? ((int (*)(void))dlsym(p, "plug"))() : 1; }"#;
    case.cc("bin/main", code, &["-Wl,-rpath,$ORIGIN/../lib"]);
    let plan = case.main("").unwrap();
    assert_eq!(plan.warnings.len(), 1, "{:?}", plan.warnings);
    assert!(plan.warnings[0].contains("add `opens = [\"libplug.so.1\"]`"), "{:?}", plan.warnings);
    assert_eq!(case.run(&plan, &[], &[]).status.code(), Some(1), "it does miss it");
    let plan = case.main("opens = [\"libplug.so.1\"]").unwrap();
    assert_eq!((plan.warnings.len(), case.run(&plan, &[], &[]).status.code()), (0, Some(7)));
    let plan = case.main("skips = [\"libplug.so.1\"]").unwrap();
    assert!(plan.warnings.is_empty() && !has(&plan, "/app/lib/libplug.so.1"));
    let error = case.main("opens = [\"libnosuch.so.4\"]").unwrap_err().to_string();
    assert!(error.contains("libnosuch.so.4") && error.contains("install the package"), "{error}");
}

#[test]
fn what_a_program_opens_while_it_runs() {
    let case = Case::new();
    case.cc("lib/libplug.so.1", "int plug(void) { return 7; }", &["-shared", "-fPIC", "-Wl,-soname,libplug.so.1"]);
    // The name is put together at run time: no text of the file has it.
    let code = r#"#include <dlfcn.h>
        #include <iconv.h>
        #include <stdio.h>
        int main(int c, char **v) {
            char name[30], set[30];
            sprintf(name, "lib%s.so.%d", "plug", 1);
            sprintf(set, "ISO-%d-%d", 8859, 7);
            return !dlopen(name, RTLD_NOW) + (iconv_open("UTF-8", set) == (iconv_t)-1);
        }"#;
    case.cc("bin/main", code, &["-Wl,-rpath,$ORIGIN/../lib"]);
    let plan = case.main("").unwrap();
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
    assert_ne!(case.run(&plan, &[], &[]).status.code(), Some(0), "it misses both");
    let opened = trace::opened(&[case.at("bin/main").display().to_string()]).unwrap();
    let missing = trace::missing(&plan, &opened);
    assert!(missing.iter().any(|m| m.contains("add `opens = [\"libplug.so.1\"]`")), "{missing:?}");
    assert!(missing.iter().any(|m| m.contains("`charsets`") && m.contains("ISO8859-7")), "{missing:?}");
    let more = "opens = [\"libplug.so.1\"]\n[system]\ncharsets = [\"ISO-8859-7\"]\n";
    let plan = case.main(more).unwrap();
    assert_eq!(trace::missing(&plan, &opened), [] as [&str; 0]);
    assert_eq!(case.run(&plan, &[], &[]).status.code(), Some(0));
    assert!(trace::opened(&["/nonexistent".into()]).is_err());
}

#[test]
fn notes_of_what_is_opened() {
    let case = Case::new();
    case.cc("lib/libplug.so.1", B, &["-shared", "-fPIC", "-Wl,-soname,libplug.so.1"]);
    let main = |priority: &str| {
        let json = format!(
            r#"[{{\"feature\":\"f\",\"priority\":\"{priority}\",\"soname\":[\"libplug.so.2\",\"libplug.so.1\"]}}]"#
        );
        let code = format!(
            "__asm__(\".pushsection .note.dlopen, \\\"a\\\", %note\\n.balign 4\\n.long 4, 2f - 1f, 0x407c0c0a\\n.asciz \\\"FDO\\\"\\n\"\n\
             \"1: .asciz \\\"{}\\\"\\n2: .balign 4\\n.popsection\\n\");\nint main(void) {{ return 0; }}",
            json.replace('\\', "\\\\\\")
        );
        case.cc("bin/main", &code, &["-Wl,-rpath,$ORIGIN/../lib"]);
        case.main("")
    };
    let plan = main("recommended").unwrap();
    assert!(has(&plan, "/app/lib/libplug.so.1"), "{:?}", paths(&plan));
    assert!(explain::text(&plan).contains("opened at run time: its note: recommended f"));
    let plan = main("suggested").unwrap();
    assert!(!has(&plan, "/app/lib/libplug.so.1") && plan.warnings[0].contains("opens = ["), "{:?}", plan.warnings);
    fs::remove_file(case.at("lib/libplug.so.1")).unwrap();
    let error = main("required").unwrap_err().to_string();
    assert!(error.contains("libplug.so.2") && error.contains("none is on this machine"), "{error}");
}

#[test]
fn what_glibc_looks_for_by_itself() {
    let case = Case::new();
    let code = r#"#include <stdio.h>
        #include <iconv.h>
        #include <locale.h>
        #include <netdb.h>
        #include <time.h>
        #include <wchar.h>
        int main(void) {
            time_t t = 1000000000;
            struct servent *s = getservbyname("https", "tcp");
            printf("iso %d\n", iconv_open("UTF-8", "ISO-8859-15") != (iconv_t)-1);
            printf("jp %d\n", iconv_open("UTF-8", "EUC-JP") != (iconv_t)-1);
            printf("other %d\n", iconv_open("UTF-8", "KOI8-R" + 0) != (iconv_t)-1);
            printf("locale %s\n", setlocale(LC_ALL, ""));
            printf("service %d\n", s ? ntohs(s->s_port) : 0);
            printf("hour %d\n", localtime(&t)->tm_hour);
            return 0;
        }"#;
    case.cc("bin/main", code, &["-D_GNU_SOURCE", "-include", "arpa/inet.h"]);
    let env = [("TZ", "Europe/Berlin"), ("LC_ALL", "C.UTF-8")];
    let more = "[image.env]\nTZ = \"Europe/Berlin\"\n";
    let plan = case.main(more).unwrap();
    let here = String::from_utf8(Command::new(case.at("bin/main")).envs(env).output().unwrap().stdout).unwrap();
    let there = String::from_utf8(case.run(&plan, &[], &env).stdout).unwrap();
    assert_eq!(there, "iso 1\njp 1\nother 1\nlocale C.UTF-8\nservice 443\nhour 3\n");
    assert_eq!(here, there, "as on this machine");
    assert!(has(&plan, "/usr/lib/x86_64-linux-gnu/gconv/libJIS.so"), "a module of EUC-JP needs it");
    assert!(has(&plan, "/usr/share/zoneinfo/Europe/Berlin") && !has(&plan, "/usr/share/zoneinfo/Europe/Paris"));
    assert!(!has(&plan, "/usr/lib/x86_64-linux-gnu/gconv/CP1251.so"));
    // Each is missed where it is left out, which shows that the trigger is right.
    let skip = "[system]\nskip = [\"zoneinfo\", \"charsets\", \"locale\", \"services\"]\n";
    let plan = case.main(&format!("{more}{skip}")).unwrap();
    let there = String::from_utf8(case.run(&plan, &[], &env).stdout).unwrap();
    assert_eq!(there, "iso 0\njp 0\nother 0\nlocale (null)\nservice 0\nhour 1\n");
    assert_eq!(plan.left_out.iter().filter(|l| l.why == "image.toml skips it").count(), 4, "{:?}", plan.left_out);
    // And nothing of it is there for a program that calls none of it.
    case.cc("bin/main", "int main(void) { return 0; }", &[]);
    let plan = case.main("").unwrap();
    for part in ["zoneinfo", "gconv", "locale", "services", "certs"] {
        assert!(!paths(&plan).iter().any(|p| p.contains(part)), "{part}");
    }
    let plan = case.main("[system]\nadd = [\"certificates\"]\n").unwrap();
    assert!(has(&plan, "/etc/ssl/certs/ca-certificates.crt"));
    assert_eq!(plan.settings.env["SSL_CERT_FILE"], "/etc/ssl/certs/ca-certificates.crt");
}

#[test]
fn a_static_program_needs_no_library_and_may_need_the_rest() {
    let case = Case::new();
    let code = "#include <time.h>\nint main(void) { time_t t = 1000000000; return localtime(&t)->tm_hour; }";
    case.cc("bin/main", code, &["-static"]);
    let plan = case.main("[image.env]\nTZ = \"Europe/Berlin\"\n").unwrap();
    assert!(!paths(&plan).iter().any(|p| p.contains(".so")), "{:?}", paths(&plan));
    assert_eq!(case.run(&plan, &[], &[("TZ", "Europe/Berlin")]).status.code(), Some(3));
}

#[test]
fn a_thread_that_ends_itself_finds_libgcc() {
    let case = Case::new();
    let code = "#include <pthread.h>\n#include <stdio.h>\nstatic void *f(void *p) { pthread_exit(p); }\n\
        int main(void) { pthread_t t; pthread_create(&t, 0, f, 0); pthread_join(t, 0); puts(\"joined\"); return 0; }";
    case.cc("bin/main", code, &["-pthread"]);
    let output = case.run(&case.main("").unwrap(), &[], &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "joined\n");
}

#[test]
fn packages_are_those_that_dpkg_tells() {
    let case = Case::new();
    case.cc("bin/main", "double cos(double); int main(int c, char **v) { return cos(c); }", &["-lm"]);
    let plan = case.main("").unwrap();
    let mut seen = 0;
    for (path, entry) in plan.layers.iter().flat_map(|(_, e)| e) {
        let (Content::File(from), Some((name, version))) = (&entry.content, &entry.package) else { continue };
        let real = fs::canonicalize(from).unwrap();
        let ask = |path: &Path| Command::new("dpkg").arg("-S").arg(path).output().unwrap();
        let names = [from.clone(), real.clone(), Path::new("/").join(real.strip_prefix("/usr").unwrap_or(&real))];
        let told = names.iter().map(|n| ask(n)).find(|o| o.status.success()).unwrap();
        assert!(String::from_utf8_lossy(&told.stdout).starts_with(&format!("{name}:")), "{path:?}");
        let told = Command::new("dpkg-query").args(["-W", "-f", "${Version}", name]).output().unwrap();
        assert_eq!(&String::from_utf8_lossy(&told.stdout), version);
        seen += 1;
    }
    assert!(seen >= 4, "loader, libc, libm, libgcc_s");
    let status = plan.entry(Path::new("var/lib/dpkg/status.d/libc6")).unwrap();
    let Content::Bytes(text) = &status.content else { panic!() };
    assert!(text.starts_with(b"Package: libc6\n"));
    let Content::Bytes(sums) = &plan.entry(Path::new("var/lib/dpkg/status.d/libc6.md5sums")).unwrap().content else {
        panic!()
    };
    assert_eq!(String::from_utf8_lossy(sums).lines().count(), 3, "of the files that are in the image");
    // No database, no packages, no error.
    let none =
        Packages::find(Path::new("/nonexistent"), &[PathBuf::from("/lib64/ld-linux-x86-64.so.2")], &Facts::default())
            .unwrap();
    assert!(none.of(Path::new("/lib64/ld-linux-x86-64.so.2")).is_none());
}
