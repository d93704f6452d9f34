//! The file layer: the system's own, with five of its functions going through `disk`.
//!
//! A file's memory is the system's file; only its table of functions is a copy with ours put in, and the original kept beside.

use crate::disk::{self, Call, Change, Verdict};
use rusqlite::ffi::{
    SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_READ, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE,
    SQLITE_OK, sqlite3_file, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};
use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::ptr;
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};

/// What is known of an open file: its path and the system's functions.
#[derive(Clone)]
struct Open {
    path: PathBuf,
    system: &'static sqlite3_io_methods,
}

/// The system's layer. Its functions never change.
struct System(*mut sqlite3_vfs);
// SAFETY: SQLite's layers are used from every thread; ours is only read after it was set.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

static SYSTEM: OnceLock<System> = OnceLock::new();
static FILES: Mutex<Option<HashMap<usize, Open>>> = Mutex::new(None);
static INSTALLED: Once = Once::new();

fn files() -> MutexGuard<'static, Option<HashMap<usize, Open>>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts the layer below every connection that this process opens from now on.
pub fn install() {
    INSTALLED.call_once(|| {
        // SAFETY: SQLite is initialised by the look-up; the copy and its name live for ever.
        unsafe {
            let system = sqlite3_vfs_find(ptr::null());
            assert!(!system.is_null(), "SQLite has a file layer");
            let _first = SYSTEM.set(System(system));
            let mut ours = ptr::read(system);
            ours.zName = c"fault".as_ptr();
            ours.pNext = ptr::null_mut();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            assert_eq!(sqlite3_vfs_register(Box::leak(Box::new(ours)), 1), SQLITE_OK);
        }
    });
}

fn of(file: *mut sqlite3_file) -> Open {
    let known = files().as_ref().and_then(|files| files.get(&(file as usize)).cloned());
    known.expect("a file that was opened here")
}

fn path(name: *const c_char) -> PathBuf {
    // SAFETY: SQLite passes a C string.
    PathBuf::from(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let system = SYSTEM.get().expect("installed").0;
    // SAFETY: the arguments are SQLite's; the table is copied before it is changed and lives for ever.
    unsafe {
        if disk::next(Call::Open) != Verdict::Go {
            (*file).pMethods = ptr::null();
            return SQLITE_CANTOPEN;
        }
        let code = (*system).xOpen.expect("xOpen")(system, name, file, flags, out);
        if code != SQLITE_OK || name.is_null() {
            return code;
        }
        let system: &'static sqlite3_io_methods = &*(*file).pMethods;
        let ours = sqlite3_io_methods {
            xClose: Some(close),
            xRead: Some(read),
            xWrite: Some(write),
            xSync: Some(sync),
            xTruncate: Some(truncate),
            ..*system
        };
        (*file).pMethods = Box::leak(Box::new(ours));
        files().get_or_insert_default().insert(file as usize, Open { path: path(name), system });
        SQLITE_OK
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let system = SYSTEM.get().expect("installed").0;
    if disk::next(Call::Cut) != Verdict::Go {
        return SQLITE_IOERR_WRITE;
    }
    disk::deleted(&path(name));
    // SAFETY: the arguments are SQLite's.
    unsafe { (*system).xDelete.expect("xDelete")(system, name, sync) }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let open = of(file);
    if let Some(files) = files().as_mut() {
        files.remove(&(file as usize));
    }
    // SAFETY: the system's function on the system's file.
    unsafe { open.system.xClose.expect("xClose")(file) }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, amount: c_int, at: i64) -> c_int {
    if disk::next(Call::Read) != Verdict::Go {
        return SQLITE_IOERR_READ;
    }
    // SAFETY: the system's function on the system's file.
    unsafe { of(file).system.xRead.expect("xRead")(file, into, amount, at) }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, at: i64) -> c_int {
    let open = of(file);
    let kept = match disk::next(Call::Write) {
        Verdict::Go => amount,
        Verdict::Half => amount / 2,
        Verdict::Full => return SQLITE_FULL,
        Verdict::Error => return SQLITE_IOERR_WRITE,
    };
    let bytes = usize::try_from(kept).expect("a length");
    // SAFETY: SQLite passes `amount` bytes; the rest is the system's functions on the system's file.
    unsafe {
        let new = std::slice::from_raw_parts(from.cast::<u8>(), bytes).to_vec();
        let length = length(&open, file);
        let mut old = vec![0; usize::try_from(length.saturating_sub(at).min(i64::from(kept))).unwrap_or_default()];
        if !old.is_empty() {
            let code = open.system.xRead.expect("xRead")(file, old.as_mut_ptr().cast(), old.len() as c_int, at);
            assert_eq!(code, SQLITE_OK, "what stood there is read before it is written over");
        }
        let code = open.system.xWrite.expect("xWrite")(file, from, kept, at);
        if code == SQLITE_OK {
            disk::changed(&open.path, Change { at: at as u64, old, length: length as u64, new: Some(new) });
        }
        if kept == amount { code } else { SQLITE_IOERR_WRITE }
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    if disk::next(Call::Sync) != Verdict::Go {
        return SQLITE_IOERR_FSYNC;
    }
    let open = of(file);
    // SAFETY: the system's function on the system's file.
    let code = unsafe { open.system.xSync.expect("xSync")(file, flags) };
    if code == SQLITE_OK {
        disk::synced(&open.path);
    }
    code
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    if disk::next(Call::Cut) != Verdict::Go {
        return SQLITE_IOERR_TRUNCATE;
    }
    let open = of(file);
    // SAFETY: the system's functions on the system's file.
    unsafe {
        let length = length(&open, file);
        let mut old = vec![0; usize::try_from(length - size).unwrap_or_default()];
        if !old.is_empty() {
            let code = open.system.xRead.expect("xRead")(file, old.as_mut_ptr().cast(), old.len() as c_int, size);
            assert_eq!(code, SQLITE_OK, "what is cut off is read first");
        }
        let code = open.system.xTruncate.expect("xTruncate")(file, size);
        if code == SQLITE_OK {
            disk::changed(&open.path, Change { at: size as u64, old, length: length as u64, new: None });
        }
        code
    }
}

/// # Safety
/// The file is open.
unsafe fn length(open: &Open, file: *mut sqlite3_file) -> i64 {
    let mut length = 0;
    // SAFETY: the system's function on the system's file.
    let code = unsafe { open.system.xFileSize.expect("xFileSize")(file, &raw mut length) };
    assert_eq!(code, SQLITE_OK, "a file has a length");
    length
}
