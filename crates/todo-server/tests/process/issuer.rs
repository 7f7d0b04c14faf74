//! Tokens of another issuer, whose keys are fetched over HTTPS: trust, rotation, an issuer that is away, documents too large.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};
use todo_auth::jwt::Jwk;
use todo_auth::secrets::Secrets;
use todo_store::testing::TestDb;

use crate::backend::Backend;

/// Longer than the pause between two looks at the issuer.
const PAUSE: Duration = Duration::from_millis(10_300);

/// An issuer with a certificate of an authority of its own.
struct Issuer {
    url: String,
    authority: String,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<Mutex<u32>>,
}

#[derive(Clone)]
enum Answer {
    Document(String),
    /// Accepts, and never says a word.
    Silence,
}

impl Issuer {
    fn start() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("authority");
        let key = KeyPair::generate().expect("key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &authority).expect("certificate");
        let private = PrivateKeyDer::try_from(key.serialize_der()).expect("key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .expect("configuration");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("address").port();
        let (answer, asked) = (Arc::new(Mutex::new(Answer::Silence)), Arc::new(Mutex::new(0)));
        let (now, count) = (Arc::clone(&answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            let config = Arc::new(config);
            for stream in listener.incoming().flatten() {
                *count.lock().expect("lock") += 1;
                let answer = now.lock().expect("lock").clone();
                let Answer::Document(body) = answer else {
                    std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_secs(30));
                        drop(stream);
                    });
                    continue;
                };
                let connection = ServerConnection::new(Arc::clone(&config)).expect("connection");
                let mut tls = StreamOwned::new(connection, stream);
                let mut head = [0; 4096];
                // A client that does not trust us ends here.
                if tls.read(&mut head).is_ok() {
                    let length = body.len();
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                    let _ = tls.write_all(head.as_bytes()).and_then(|()| tls.write_all(body.as_bytes()));
                    tls.conn.send_close_notify();
                    let _ = tls.flush();
                }
            }
        });
        Self { url: format!("https://localhost:{port}/jwks"), authority: authority.pem(), answer, asked }
    }

    fn publishes(&self, rows: &[&Jwk]) {
        let keys: Vec<_> = rows.iter().map(|row| row.published().expect("a key")).collect();
        self.answers(Answer::Document(json!({ "keys": keys }).to_string()));
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().expect("lock") = answer;
    }

    fn asked(&self) -> u32 {
        *self.asked.lock().expect("lock")
    }
}

/// A key and a token that it signed.
fn signed() -> (Jwk, String) {
    let secrets = Secrets::single("another issuer's own secret, not ours".into());
    let row = Jwk::generate(&secrets, jiff::Timestamp::now()).expect("key");
    let now = jiff::Timestamp::now().as_second();
    let claims: Value =
        json!({"sub": "foreign-user", "iss": "https://issuer.example", "aud": "todo", "iat": now, "exp": now + 3600});
    let token = row.key_pair(&secrets).expect("pair").sign(&claims);
    (row, token)
}

#[tokio::test]
async fn keys_over_https() {
    let issuer = Issuer::start();
    let folder = std::env::temp_dir().join(format!("todo-issuer-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir(&folder).expect("a folder");
    let authority = folder.join("authority.pem");
    std::fs::write(&authority, &issuer.authority).expect("writes");
    let authority = authority.display().to_string();
    let db = TestDb::sqlite().await.expect("a database");
    let vars = [
        ("BETTER_AUTH_JWKS_URL", issuer.url.as_str()),
        ("BETTER_AUTH_JWKS_ISSUER", "https://issuer.example"),
        ("BETTER_AUTH_JWKS_AUDIENCE", "todo"),
    ];
    let ((first, old), (second, new), (_, unknown)) = (signed(), signed(), signed());
    issuer.publishes(&[&first]);

    // Who is not told to trust the authority trusts nobody that it vouches for, and says why.
    let wary = Backend::start(&db.url, &vars).await;
    assert_eq!(wary.get("/api/tasks", &old).await, StatusCode::UNAUTHORIZED);
    let log = wary.kill();
    assert!(log.contains("BETTER_AUTH_JWKS_URL") && log.contains("UnknownIssuer"), "{log}");

    let trusting = [vars[0], vars[1], vars[2], ("SSL_CERT_FILE", &authority)];
    let backend = Backend::start(&db.url, &trusting).await;
    let asked = issuer.asked();
    for _ in 0..3 {
        assert_eq!(backend.get("/api/tasks", &old).await, StatusCode::OK);
        assert_eq!(backend.get("/api/tasks", &unknown).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(issuer.asked(), asked + 1, "one look was enough");

    issuer.publishes(&[&second]);
    tokio::time::sleep(PAUSE).await;
    assert_eq!(backend.get("/api/tasks", &new).await, StatusCode::OK, "a new key is found when a token names it");
    assert_eq!(backend.get("/api/tasks", &old).await, StatusCode::UNAUTHORIZED, "and the old one is gone");

    let (third, huge) = signed();
    let mut document = json!({ "keys": [third.published().expect("a key")] });
    document["padding"] = "x".repeat(100_000).into();
    issuer.answers(Answer::Document(document.to_string()));
    tokio::time::sleep(PAUSE).await;
    assert_eq!(backend.get("/api/tasks", &huge).await, StatusCode::UNAUTHORIZED, "more than 64 KiB is not read");
    assert_eq!(backend.get("/api/tasks", &new).await, StatusCode::OK, "what was known stays");

    // An issuer that says nothing holds only those up who need it, and them not for long.
    issuer.answers(Answer::Silence);
    tokio::time::sleep(PAUSE).await;
    let waiting = async {
        let started = Instant::now();
        (backend.get("/api/tasks", &unknown).await, started.elapsed())
    };
    let served = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let started = Instant::now();
        (backend.get("/api/tasks", &new).await, started.elapsed())
    };
    let ((status, waited), (known, quickly)) = tokio::join!(waiting, served);
    assert_eq!((status, known), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    assert!(waited < Duration::from_secs(9), "{waited:?}");
    assert!(quickly < Duration::from_secs(3), "{quickly:?}");
    let log = backend.kill();
    assert!(log.contains("length limit") && log.contains("no answer within 5 s"), "{log}");
    std::fs::remove_dir_all(&folder).expect("cleans up");
}
