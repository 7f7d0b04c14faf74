use proptest::prelude::*;
use serde_json::json;

use super::*;

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";

#[test]
fn every_detector_hides_its_secret_and_only_that() {
    for (text, secret, left) in [
        ("postgres://todo:hunter22@db:5432/x", "hunter22", "postgres://todo:[REDACTED:url-password#1]@db:5432/x"),
        (
            "Authorization: Bearer abcdefgh12345678",
            "abcdefgh12345678",
            "Authorization: Bearer [REDACTED:authorization#1]",
        ),
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE", "key [REDACTED:aws-key#1] used"),
        ("password=s3cr3t next", "s3cr3t", "password=[REDACTED:password#1] next"),
        (r#"{"db_password": "a b c"}"#, "a b c", r#"{"db_password": "[REDACTED:password#1]"}"#),
        (r#"{\"apiKey\":\"zzz999\"}"#, "zzz999", r#"{\"apiKey\":\"[REDACTED:password#1]\"}"#),
        ("run --token abcd1234 now", "abcd1234", "run --token [REDACTED:password#1] now"),
        ("sk-proj-aaaabbbbccccddddeeee", "aaaabbbb", "[REDACTED:api-key#1]"),
    ] {
        let clean = Redactor::new().text(text);
        assert_eq!(clean, left);
        assert!(!clean.contains(secret));
    }
    assert!(!Redactor::new().text(JWT).contains("eyJ"));
    let pem = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nb";
    assert_eq!(Redactor::new().text(pem), "a\n[REDACTED:private-key#1]\nb");
    assert!(!Redactor::new().text("-----BEGIN PRIVATE KEY-----\nMIIEcut").contains("MIIE"));
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "token expired",
        "secret \"backend-env\" not found",
        "image: nginx:1.27",
        "http://api:8000/x",
        "password=$(DB_PASSWORD)",
        "token: ${TOKEN}",
        "0/3 nodes are available",
        "secretName: tls",
    ] {
        let clean = Redactor::new().text(text);
        assert!(clean == text || text.starts_with("secretName"), "{clean}");
    }
}

#[test]
fn equal_secrets_get_equal_marks_in_order_of_appearance() {
    let redactor = Redactor::new();
    let text = redactor.text("password=aaaa password=bbbb password=aaaa");
    assert_eq!(text, "password=[REDACTED:password#1] password=[REDACTED:password#2] password=[REDACTED:password#1]");
}

#[test]
fn known_values_are_hidden_in_every_spelling() {
    let redactor = Redactor::new();
    redactor.learn("p\"a s/s+1");
    for text in ["x p\"a s/s+1 y", "cCJhIHMvcysx", r#"p\"a s/s+1"#, "p%22a%20s%2Fs%2B1"] {
        assert!(redactor.text(text).contains("[REDACTED:known#"), "{text}");
    }
}

#[test]
fn objects_are_redacted_by_place() {
    let mut value = json!({"items": [
        {"kind": "Secret", "metadata": {"name": "s"}, "data": {"k": "dmFsdWU="}, "stringData": {"k2": "v2v2"}},
        {"kind": "Pod", "spec": {"containers": [{"name": "c", "env": [
            {"name": "DB_PASSWORD", "value": "plainword"}, {"name": "MODE", "value": "prod"}]}]}},
        {"users": [{"user": {"client-key-data": "QUJD", "token": "opaqueword"}}]},
    ]});
    Redactor::new().value(&mut value);
    let text = value.to_string();
    for secret in ["dmFsdWU=", "v2v2", "plainword", "QUJD", "opaqueword"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("prod"));
}

#[test]
fn names_that_hold_secrets_and_names_that_only_speak_of_them() {
    for name in [
        "DB_PASSWORD",
        "apiKey",
        "API_KEY",
        "BETTER_AUTH_SECRET",
        "GITHUB_TOKEN",
        "vapid_private_key",
        "AWS_SECRET_ACCESS_KEY",
        "dbPwd",
    ] {
        assert!(is_sensitive_name(name), "{name}");
    }
    for name in [
        "PASSWORD_FILE",
        "TOKEN_TTL",
        "secretName",
        "MAX_TOKENS",
        "TOKEN_URL",
        "KEYBOARD",
        "MONKEY",
        "SECRET_PATH",
        "PORT",
    ] {
        assert!(!is_sensitive_name(name), "{name}");
    }
}

#[test]
fn escapes_and_direction_marks_become_visible() {
    assert_eq!(neutralise("a\u{1b}[31mb\n\u{202e}c"), r"a\u{1b}[31mb\u{a}\u{202e}c");
    assert_eq!(neutralise_block("a\n\tb\r"), "a\n\tb\\u{d}");
    assert!(matches!(neutralise("plain ✓ ünï"), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn pieces_cut_anywhere_leak_nothing() {
    let text = "start\npassword=hunter22 x\n-----BEGIN PRIVATE KEY-----\nMIIEbody1\nMIIEbody2\n-----END PRIVATE KEY----- tail\nurl http://u:tulips@h/\nAKIAIOSFODNN7EXAMPLE";
    let whole = {
        let redactor = Redactor::new();
        let mut stream = redactor.stream();
        stream.push(text) + &stream.finish()
    };
    assert!(whole.starts_with("start\npassword=[REDACTED:password#1] x\n[REDACTED:private-key#2]\n"), "{whole}");
    assert!(whole.contains(" tail\nurl http://u:[REDACTED"), "{whole}");
    for cut in 0..text.len() {
        let redactor = Redactor::new();
        let mut stream = redactor.stream();
        let out = stream.push(&text[..cut]) + &stream.push(&text[cut..]) + &stream.finish();
        assert_eq!(out, whole, "cut at {cut}");
        for secret in ["hunter22", "MIIE", "tulips", "AKIA"] {
            assert!(!out.contains(secret), "cut at {cut}: {out}");
        }
    }
}

proptest! {
    #[test]
    fn a_planted_secret_never_comes_out(before in "[ -~]{0,20}", secret in "[A-Z0-9]{16}", after in "[ -~]{0,20}") {
        let text = format!("{before} AKIA{secret} {after}");
        prop_assert!(!Redactor::new().text(&text).contains(&secret));
    }

    #[test]
    fn no_text_panics_and_redaction_is_stable(text in "\\PC{0,60}") {
        let once = Redactor::new().text(&text);
        prop_assert_eq!(Redactor::new().text(&once).contains("[REDACTED:password#1][REDACTED"), false);
        prop_assert!(!neutralise(&text).chars().any(char::is_control));
    }
}
