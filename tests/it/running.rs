//! The program in a process of its own, watched through its log and its pages.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use lianbo::demo::Network;

/// Nothing that a test waits for takes so long, unless it never comes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_lianbo");

/// A running `lianbo`; killed when dropped.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    /// Starts `lianbo run` with the configuration `file`.
    pub(crate) fn start(file: &Path) -> Self {
        Self::start_under(file, &[])
    }

    /// Like [`Running::start`], with further variables of the environment.
    pub(crate) fn start_under(file: &Path, variables: &[(&str, &Path)]) -> Self {
        Self::spawn(
            Command::new(PROGRAM)
                .args(["run", "--config"])
                .arg(file)
                .envs(variables.iter().copied()),
        )
    }

    /// Starts `lianbo demo` on the network in `folder`.
    pub(crate) fn start_demo(folder: &Path, data: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        Self::spawn(command.arg("demo").arg("--folder").arg(folder).arg("--data").arg(data))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .args(["--lang", "en"])
            .env("LIANBO_LOG", "lianbo=info")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in errors.lines() {
                let Ok(line) = line else { return };
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, seen: Vec::new() }
    }

    /// The next line of the log that has all of `parts`.
    pub(crate) fn wait_for(&mut self, parts: &[&str]) -> String {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if parts.iter().all(|part| line.contains(part)) {
                        return line;
                    }
                }
                Err(_) => panic!("no line with {parts:?} in:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Asks for `path` after every publication until it is answered with `wanted`; the body.
    pub(crate) fn answered(&mut self, address: &str, path: &str, wanted: u16) -> String {
        loop {
            let (status, body) = get(address, path);
            if status == wanted {
                return body;
            }
            self.wait_for(&["published", "rendered="]);
        }
    }

    /// Where readers are served.
    pub(crate) fn address(&mut self) -> String {
        let line = self.wait_for(&["public=", "admin="]);
        let rest = line.split("public=").nth(1).unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends it in order.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The head of the answer to `path` at `address`, names in lower case.
pub(crate) fn head(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split_once("\r\n\r\n").unwrap().0.to_owned()
}

/// Status and body of `path` at `address`.
pub(crate) fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// The demo's configuration in `folder`, on ports of the system's choice, its sites on `network`.
pub(crate) fn configure(folder: &Path, network: &Network) {
    configure_at(folder, &addresses(network));
}

/// Host and address of each site.
pub(crate) fn addresses(network: &Network) -> Vec<(String, String)> {
    network.addresses().into_iter().map(|(host, address)| (host, address.to_string())).collect()
}

/// Like [`configure`], with the sites at `addresses`.
pub(crate) fn configure_at(folder: &Path, addresses: &[(String, String)]) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    copy(&demo.join("feeds"), &folder.join("feeds"));
    let text = std::fs::read_to_string(demo.join("config.toml")).unwrap();
    let mut config: toml::Table = text.parse().unwrap();
    let mut set = |table: &str, key: &str, value: toml::Value| {
        let table = config.entry(table).or_insert(toml::Table::new().into());
        table.as_table_mut().unwrap().insert(key.to_owned(), value);
    };
    set("daemon", "listen", "127.0.0.1:0".into());
    set("daemon", "data", "data".into());
    set("admin", "listen", "127.0.0.1:0".into());
    let resolve: toml::Table =
        addresses.iter().map(|(host, address)| (host.clone(), address.clone().into())).collect();
    set("fetch", "resolve", resolve.into());
    std::fs::write(folder.join("config.toml"), config.to_string()).unwrap();
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
