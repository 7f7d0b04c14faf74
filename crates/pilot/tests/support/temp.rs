//! Files that go with the test.

use std::io::Write as _;

/// A temporary file with a name that can be passed on.
pub struct TempFile(tempfile::TempPath);

impl TempFile {
    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

/// A file of this content and ending.
pub fn file(content: &str, suffix: &str) -> TempFile {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    TempFile(file.into_temp_path())
}
