//! Certificates of the cluster, and the kubeconfigs that carry them. They live as long as the cluster.

use std::{
    fs,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use super::layout::{API_SERVICE, Layout, NODE};

/// Who talks to the API server: file, user and group (RBAC's names).
const CLIENTS: [(&str, &str, &str); 5] = [
    ("admin", "todo-admin", "system:masters"),
    ("controller-manager", "system:kube-controller-manager", "todo"),
    ("scheduler", "system:kube-scheduler", "todo"),
    ("kubelet", "system:node:todo-node", "system:nodes"),
    ("proxy", "system:kube-proxy", "todo"),
];

/// Writes an authority, the servers' certificates, the key of service account tokens, and a kubeconfig per client.
///
/// # Errors
/// When a certificate can't be made or a file can't be written.
pub fn make(layout: &Layout) -> anyhow::Result<()> {
    let folder = layout.state.join("pki");
    fs::create_dir_all(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "todo test cluster");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    secret(&folder.join("ca.key"), &authority.key().serialize_pem())?;
    fs::write(folder.join("ca.crt"), authority.pem())?;
    let tokens = KeyPair::generate()?;
    secret(&folder.join("service-account.key"), &tokens.serialize_pem())?;
    fs::write(folder.join("service-account.pub"), tokens.public_key_pem())?;

    let node = layout.node_address();
    let names = [&node, API_SERVICE, "127.0.0.1", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];
    server(&folder, &authority, "apiserver", "kube-apiserver", &names)?;
    server(&folder, &authority, "kubelet-server", NODE, &[&node, NODE])?;
    client(&folder, &authority, "front-proxy", "front-proxy", "todo")?;
    for (file, user, group) in CLIENTS {
        client(&folder, &authority, file, user, group)?;
        let config = kubeconfig(&format!("https://{node}:6443"), &folder, file)?;
        secret(&layout.state.join(format!("{file}.kubeconfig")), &config)?;
    }
    fs::copy(layout.state.join("admin.kubeconfig"), layout.kubeconfig())?;
    Ok(())
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn server(folder: &Path, authority: &Authority, file: &str, name: &str, names: &[&str]) -> anyhow::Result<()> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    issue(folder, authority, file, params)
}

fn client(folder: &Path, authority: &Authority, file: &str, user: &str, group: &str) -> anyhow::Result<()> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::OrganizationName, group);
    params.distinguished_name.push(DnType::CommonName, user);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    issue(folder, authority, file, params)
}

fn issue(folder: &Path, authority: &Authority, file: &str, mut params: CertificateParams) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let certificate = params.signed_by(&key, authority)?;
    fs::write(folder.join(format!("{file}.crt")), certificate.pem())?;
    secret(&folder.join(format!("{file}.key")), &key.serialize_pem())
}

/// With the certificates inside, so that the file can be handed on by itself.
fn kubeconfig(server: &str, folder: &Path, file: &str) -> anyhow::Result<String> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let data = |name: &str| fs::read(folder.join(name)).map(|bytes| STANDARD.encode(bytes));
    let config = serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "todo",
        "clusters": [{ "name": "todo", "cluster": { "server": server, "certificate-authority-data": data("ca.crt")? } }],
        "users": [{ "name": file, "user": {
            "client-certificate-data": data(&format!("{file}.crt"))?, "client-key-data": data(&format!("{file}.key"))? } }],
        "contexts": [{ "name": "todo", "context": { "cluster": "todo", "user": file } }],
    });
    Ok(serde_json::to_string_pretty(&config)?)
}

fn secret(path: &Path, content: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content.as_bytes())?;
    Ok(())
}
