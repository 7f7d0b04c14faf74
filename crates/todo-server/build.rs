//! Compresses the OpenAPI document, which is long and says most things twice.

use std::{env, fs, io::Write as _, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=openapi.json");
    let file = fs::File::create(PathBuf::from(env::var("OUT_DIR")?).join("openapi.json.gz"))?;
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(file, flate2::Compression::best());
    encoder.write_all(&fs::read("openapi.json")?)?;
    encoder.finish()?;
    Ok(())
}
