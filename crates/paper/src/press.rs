//! Typst, given one template, the fonts of this program, and the paper as data; nothing else: no files, no packages, no clock.

use crate::Paper;
use crate::letters::{OWN, clean, fonts};
use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// A paper could not be made. Says nothing of what stands on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the paper could not be set: {problems} problem(s) at {step}")]
pub struct Error {
    step: &'static str,
    problems: usize,
}

const TEMPLATE: &str = include_str!("paper.typ");

/// The paper as a PDF file. Takes tens of milliseconds: call it where blocking is allowed.
///
/// # Errors
/// [`Error`] when Typst refuses, which no content should bring about.
pub fn pdf(paper: &Paper) -> Result<Vec<u8>, Error> {
    let made = set(paper);
    // Typst remembers what it laid out; of a record nothing stays.
    typst::comemo::evict(0);
    made
}

fn set(paper: &Paper) -> Result<Vec<u8>, Error> {
    let failed = |step: &'static str| move |all: &[SourceDiagnostic]| Error { step, problems: all.len() };
    let desk = Desk::new(paper).ok_or(Error { step: "reading", problems: 1 })?;
    let document: PagedDocument = typst::compile(&desk).output.map_err(|all| failed("layout")(&all))?;
    let standards = PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|_| Error { step: "standard", problems: 1 })?;
    let options = PdfOptions { standards, ..PdfOptions::default() };
    typst_pdf::pdf(&document, &options).map_err(|all| failed("export")(&all))
}

/// What the template reads.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    paper: serde_json::Value,
    unprintable: bool,
    own: &'a str,
}

/// All that Typst may see.
struct Desk {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    data_file: FileId,
    data: Bytes,
}

impl Desk {
    fn new(paper: &Paper) -> Option<Self> {
        let id = |path: &str| {
            let path = VirtualPath::new(path).ok()?;
            Some(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
        };
        let mut data = serde_json::to_value(paper).ok()?;
        let unprintable = clean(&mut data) > 0;
        let data = Data { paper: data, unprintable, own: &OWN };
        Some(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(fonts())),
            template: Source::new(id("paper.typ")?, TEMPLATE.to_owned()),
            data_file: id("paper.json")?,
            data: Bytes::new(serde_json::to_vec(&data).ok()?),
        })
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_file { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        fonts().get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
