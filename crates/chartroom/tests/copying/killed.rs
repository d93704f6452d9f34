//! The command killed without warning, at whatever moment, and run again until it is through.

use crate::command::{at, done, run, said};
use crate::practice::Somewhere;
use crate::{answers, same};
use ring::rand::SystemRandom;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use store_sqlite::key::{create_key_file, read_key_file};

/// How often it is killed.
const KILLS: u32 = 8;
/// How long a database may take to notice that whoever held it is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends a command after so long, unless it ended by itself: whether it did so well.
fn killed_after(args: &[&str], after: Duration) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
    command.args(args).env_remove("CHARTROOM_KEY_FILE").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let started = Instant::now();
    while started.elapsed() < after {
        if let Some(status) = child.try_wait().expect("asked") {
            return status.success();
        }
        std::thread::yield_now();
    }
    // It may just have ended.
    let _gone = child.kill();
    child.wait().expect("ended").success()
}

async fn killed_again_and_again(to: Somewhere, trial: Somewhere) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (key, key2) = (path("key"), path("key2"));
    let secret = create_key_file(&dir.path().join("key"), &SystemRandom::new()).expect("a key file");
    let from = Somewhere::folder().made(&secret).await;
    let (first, length) = answers(&from, &secret, None).await;
    let checked = |place: &str, key: &str| {
        let told = said(&run(&[&["check", "--key-file", key], &at(place)[..]].concat()));
        // Not what is said of the folder.
        let lines = told.lines().filter(|line| !line.contains(" WARN "));
        lines.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let found = checked(&from.named(), &key);
    let copy = |from: &str, to: &str, key2: &str| {
        ["copy", "--from", from, "--from-key-file", &key, "--to", to, "--to-key-file", key2].map(str::to_owned)
    };
    // How long a whole one takes here: each moment of it may be the last.
    let whole = copy(&from.named(), &trial.named(), &path("key3"));
    let started = Instant::now();
    done(&whole.each_ref().map(String::as_str));
    let whole = started.elapsed();

    let (from_there, to_there) = (from.named(), to.named());
    let args = copy(&from_there, &to_there, &key2);
    let args = args.each_ref().map(String::as_str);
    let (mut cut, mut through) = (0, false);
    for n in 0..KILLS {
        // Moments spread by the golden ratio over the first part: what has arrived stays, so that each round gets further.
        let share = (f64::from(n + 1) * 0.618_034).fract() * 0.4;
        through = killed_after(&args, whole.mul_f64(share));
        if through {
            break;
        }
        cut += 1;
    }
    let until = Instant::now() + PATIENCE;
    while !through {
        let output = run(&args);
        match output.status.code() {
            Some(0) => through = true,
            // The one that was killed still holds a place, as the database sees it.
            Some(7) => assert!(Instant::now() < until, "{}", said(&output)),
            // It was killed after its last act.
            _ if said(&output).contains("holds a practice already") => through = true,
            code => panic!("{code:?}: {}", said(&output)),
        }
    }
    println!("killed {cut} times, then through");
    assert!(cut > 0, "it was cut short");
    let new = read_key_file(&dir.path().join("key2")).expect("its key file");
    let (there, entries) = answers(&to, &new, Some(length)).await;
    same(&first, &there);
    assert!(entries > length, "and its own");
    done(&[&["verify-audit", "--key-file", &key2], &at(&to_there)[..]].concat());
    // `check` says of the copy, and of the practice still, what it said before (the bodies made up for this test name no versions, which
    // it finds).
    for (place, key) in [(&to_there, &key2), (&from_there, &key)] {
        assert_eq!(checked(place, key), found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_the_way_to_a_folder_it_goes_on() {
    killed_again_and_again(Somewhere::folder(), Somewhere::folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_the_way_to_a_database_it_goes_on() {
    let (Some(to), Some(trial)) = (Somewhere::database(), Somewhere::database()) else { return };
    killed_again_and_again(to, trial).await;
}
