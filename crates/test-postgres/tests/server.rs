//! What the tests of others stand on: a server that is there, databases apart from each other, nothing left behind.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "tests")]
#![cfg(unix)]

use std::net::{SocketAddr, TcpStream};
use test_postgres::Server;

fn address(url: &str) -> SocketAddr {
    let host = url.split(['@', '/']).nth(3).expect("a host");
    host.parse().expect("an address")
}

#[test]
fn a_server_listens_until_it_is_let_go() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(message) => return println!("skipped: {message}"),
    };
    let at = address(server.url());
    assert!(at.ip().is_loopback());
    assert!(TcpStream::connect(at).is_ok());
    drop(server);
    assert!(TcpStream::connect(at).is_err(), "it ended");
}

#[test]
fn each_test_has_a_database_of_its_own() {
    let (Some(one), Some(other)) = (test_postgres::database(), test_postgres::database()) else { return };
    assert_ne!(one.url(), other.url());
    assert_eq!(address(one.url()), address(other.url()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_is_killed_comes_back_where_it_was() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(message) => return println!("skipped: {message}"),
    };
    let at = address(server.url());
    for _ in 0..2 {
        server.kill().expect("killed");
        assert!(TcpStream::connect(at).is_err(), "it is gone");
        assert!(server.kill().is_err(), "and cannot be killed twice");
        server.restart().expect("started again");
        assert!(TcpStream::connect(at).is_ok());
    }
}
