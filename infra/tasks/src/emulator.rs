//! An emulator of AWS on loopback, for Rust tests that are to see another one than the engine that the shop has within
//! itself. It ends with the step, whatever came of it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::workspace::Workspace;
use crate::{report, tools};

/// What it and its packages are, hashed.
pub(crate) const PINS: &str = "infra/tests/deployed/requirements.txt";
/// How long it may take to be ready.
const START: Duration = Duration::from_secs(90);

/// A running emulator.
pub(crate) struct Emulator {
    child: Child,
    address: SocketAddr,
}

impl Emulator {
    /// Starts one, and waits until it answers.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self, String> {
        let program = tools::python(workspace, PINS)?.join("ministack");
        let address = free_address()?;
        let log = workspace.target.join("emulator.log");
        let file = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = file.try_clone().map_err(|error| error.to_string())?;
        let child = Command::new(&program)
            .env("BIND_HOST", "127.0.0.1")
            .env("IOT_MTLS_ENABLED", "0")
            .env("MINISTACK_HOST", "localhost")
            .env("MINISTACK_REGION", "us-east-1")
            .env("PERSIST_STATE", "0")
            .env("GATEWAY_PORT", address.port().to_string())
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut emulator = Self { child, address };
        emulator
            .wait()
            .map_err(|why| format!("the emulator {why}, see {}", log.display()))?;
        Ok(emulator)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn wait(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while !self.is_healthy() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("ended with {status}"));
            }
            if start.elapsed() > START {
                return Err(format!("is not ready after {}", report::seconds(START)));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn is_healthy(&self) -> bool {
        let ask = || -> std::io::Result<Vec<u8>> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(
                b"GET /_ministack/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
            )?;
            let mut answer = vec![0; 12];
            stream.read_exact(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer == b"HTTP/1.1 200")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on just now.
fn free_address() -> Result<SocketAddr, String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map_err(|error| error.to_string())
}
