//! Security contexts of pods and containers.

use super::read;

read! {
    struct PodSecurityContext {
        run_as_user: Option<i64>,
        run_as_group: Option<i64>,
        run_as_non_root: Option<bool>,
        fs_group: Option<i64>,
        supplemental_groups: Vec<i64>,
        seccomp_profile: Option<Profile>,
        app_armor_profile: Option<Profile>,
        se_linux_options: Option<SeLinuxOptions>,
        windows_options: Option<WindowsOptions>,
        sysctls: Vec<Sysctl>,
    }

    struct ContainerSecurityContext {
        privileged: Option<bool>,
        allow_privilege_escalation: Option<bool>,
        read_only_root_filesystem: Option<bool>,
        run_as_user: Option<i64>,
        run_as_group: Option<i64>,
        run_as_non_root: Option<bool>,
        capabilities: Option<Capabilities>,
        proc_mount: Option<String>,
        seccomp_profile: Option<Profile>,
        app_armor_profile: Option<Profile>,
        se_linux_options: Option<SeLinuxOptions>,
        windows_options: Option<WindowsOptions>,
    }

    struct Capabilities { add: Vec<String>, drop: Vec<String>, }

    /// A seccomp or AppArmor profile.
    struct Profile {
        #[serde(rename = "type")]
        type_: String,
        localhost_profile: Option<String>,
    }

    struct SeLinuxOptions {
        #[serde(rename = "type")]
        type_: String,
        user: String,
        role: String,
        level: String,
    }

    struct WindowsOptions { host_process: Option<bool>, }

    struct Sysctl { name: String, value: String, }
}
