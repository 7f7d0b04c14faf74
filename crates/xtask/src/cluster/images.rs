//! The images that the cluster runs: this commit's, the same again as the next release, and what only the tests need.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use super::{command::run, layout::Layout, programs::Programs};

/// What containerd expects in front of a name without a registry.
const LIBRARY: &str = "docker.io/library";
const SOURCES: &str = "e2e/cluster/images";

/// Image archives to load into a node.
#[derive(Debug)]
pub struct Images {
    /// Archives in Docker's format.
    pub archives: Vec<PathBuf>,
    /// Tag of this commit's images; the next release's has `-next` behind it.
    pub tag: String,
}

/// Builds what is missing: this commit's images, unless `tag` names some, and the fixtures of the tests. Archives of the former
/// go to `folder`.
///
/// # Errors
/// The end of what a failed build printed.
pub fn ensure(layout: &Layout, folder: &Path, tag: Option<&str>) -> anyhow::Result<Images> {
    let fixtures = fixtures(layout)?;
    let tag = match tag {
        Some(tag) => tag.to_owned(),
        None => build_commit(layout)?,
    };
    fs::create_dir_all(folder)?;
    let mut archives: Vec<PathBuf> = FIXTURES.iter().map(|name| fixtures.join(format!("{name}.tar"))).collect();
    for component in ["todo-backend", "todo-frontend"] {
        let current = format!("localhost/{component}:{tag}");
        let next = format!("localhost/{component}:{tag}-next");
        // The next release: the same program in an image of another digest.
        let recipe = format!("FROM {current}\nLABEL org.opencontainers.image.version=next\n");
        build_image(folder, &next, &recipe)?;
        for (image, name) in [(&current, &tag), (&next, &format!("{tag}-next"))] {
            archives.push(save(image, &format!("{LIBRARY}/{component}:{name}"), folder)?);
        }
    }
    Ok(Images { archives, tag })
}

/// Loads the archives into containerd.
///
/// # Errors
/// When containerd refuses one.
pub fn import(layout: &Layout, programs: &Programs, images: &Images) -> anyhow::Result<()> {
    let ctr = ctr(layout, programs);
    for archive in &images.archives {
        run(Command::new(&ctr[0]).args(&ctr[1..]).args(["images", "import"]).arg(archive))?;
    }
    Ok(())
}

/// containerd's own client, in the namespace of Kubernetes.
#[must_use]
pub fn ctr(layout: &Layout, programs: &Programs) -> Vec<String> {
    let address = format!("--address={}", layout.containerd().display());
    vec![programs.containerd("ctr"), address, "--namespace=k8s.io".to_owned()]
}

/// Builds this commit's images, and answers their tag.
fn build_commit(layout: &Layout) -> anyhow::Result<String> {
    eprintln!("building this commit's images");
    let printed = run(Command::new(layout.root.join("deploy/images/build"))
        .args(["--engine", "buildah", "--local-builder"])
        .current_dir(&layout.root))?;
    printed
        .lines()
        .find_map(|line| line.strip_prefix("localhost/todo-backend:")?.split_whitespace().next())
        .map(str::to_owned)
        .context("deploy/images/build did not name the backend's image")
}

const FIXTURES: [&str; 4] = ["pause", "fails-to-migrate", "crashes", "postgres"];

/// The folder of the fixtures' archives, built once into the cache.
fn fixtures(layout: &Layout) -> anyhow::Result<PathBuf> {
    let sources = layout.root.join(SOURCES);
    let mut digest = Sha256::new();
    for name in ["pause.c", "broken.c", "postgres"] {
        digest.update(fs::read(sources.join(name)).with_context(|| format!("can't read {SOURCES}/{name}"))?);
    }
    let key: String = digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let folder = layout.cache.join(format!("images-{key}"));
    if folder.exists() {
        return Ok(folder);
    }
    eprintln!("building the images of the tests (two minutes, once per machine)");
    let unfinished = layout.cache.join(format!("images-{key}.{}", std::process::id()));
    fs::create_dir_all(&unfinished)?;
    let built = build_fixtures(&sources, &unfinished);
    if let Err(error) = built {
        fs::remove_dir_all(&unfinished).ok();
        return Err(error);
    }
    fs::rename(&unfinished, &folder)?;
    Ok(folder)
}

fn build_fixtures(sources: &Path, folder: &Path) -> anyhow::Result<()> {
    let compile = |source: &str, program: &str, options: &[&str]| {
        run(Command::new("musl-gcc")
            .args(["-static", "-Os", "-s", "-Wall", "-Werror", "-o"])
            .arg(folder.join(program))
            .args(options)
            .arg(sources.join(source)))
    };
    compile("pause.c", "pause", &[])?;
    compile("broken.c", "fails-to-migrate", &[])?;
    compile("broken.c", "crashes", &["-DMIGRATES"])?;
    for (program, name) in [
        ("pause", "localhost/pause:1".to_owned()),
        ("fails-to-migrate", format!("{LIBRARY}/todo-backend:fails-to-migrate")),
        ("crashes", format!("{LIBRARY}/todo-backend:crashes")),
    ] {
        let recipe =
            format!("FROM scratch\nCOPY {program} /{program}\nUSER 65532:65532\nENTRYPOINT [\"/{program}\"]\n");
        let image = format!("localhost/todo-test-{program}");
        build_image(folder, &image, &recipe)?;
        fs::rename(save(&image, &name, folder)?, folder.join(format!("{program}.archive")))?;
        fs::rename(folder.join(format!("{program}.archive")), folder.join(format!("{program}.tar")))?;
    }
    build_postgres(sources, folder)
}

/// PostgreSQL from Debian's packages, with the settings by which the chart runs the public image.
fn build_postgres(sources: &Path, folder: &Path) -> anyhow::Result<()> {
    let rootfs = folder.join("rootfs.tar");
    run(Command::new("mmdebstrap")
        .args(["--quiet", "--variant=minbase", "--include=postgresql-15"])
        .args(["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*"])
        .arg("--customize-hook=chroot \"$1\" usermod --uid 999 postgres && chroot \"$1\" groupmod --gid 999 postgres")
        .arg("--customize-hook=rm -rf \"$1\"/var/lib/postgresql/* \"$1\"/var/lib/apt/lists/* \"$1\"/var/cache/apt/*")
        .arg("--customize-hook=mkdir -p \"$1\"/var/lib/postgresql/data \"$1\"/var/run/postgresql")
        .args(["bookworm".as_ref(), rootfs.as_os_str()]))?;
    fs::copy(sources.join("postgres"), folder.join("start"))?;
    let recipe = "FROM scratch\nADD rootfs.tar /\nCOPY start /usr/local/bin/start\n\
                  ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin\nUSER 999:999\nENTRYPOINT [\"start\"]\n";
    build_image(folder, "localhost/todo-postgres:15", recipe)?;
    save("localhost/todo-postgres:15", &format!("{LIBRARY}/todo-postgres:15"), folder)?;
    fs::rename(folder.join("todo-postgres-15.tar"), folder.join("postgres.tar"))?;
    fs::remove_file(rootfs)?;
    Ok(())
}

fn build_image(folder: &Path, name: &str, recipe: &str) -> anyhow::Result<()> {
    let file = folder.join("Containerfile");
    fs::write(&file, recipe)?;
    run(Command::new("buildah")
        .args([
            "build",
            "--quiet",
            "--isolation=chroot",
            "--pull=never",
            "--identity-label=false",
            "--tag",
            name,
            "--file",
        ])
        .args([&file, folder]))
    .map(drop)
}

/// Writes an image under the name that the cluster knows it by.
fn save(image: &str, name: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let short = name.rsplit('/').next().unwrap_or(name).replace(':', "-");
    let archive = folder.join(format!("{short}.tar"));
    if archive.exists() {
        fs::remove_file(&archive)?;
    }
    let pushed = run(Command::new("buildah").args([
        "push",
        "--quiet",
        image,
        &format!("docker-archive:{}:{name}", archive.display()),
    ]));
    if pushed.is_err() && !image.contains("test") {
        bail!("buildah has no image {image}; build it: cargo xtask images");
    }
    pushed?;
    Ok(archive)
}
