//! The verb at the head of a command that changes something.

use super::lexicon;
use super::words::{Shape, Token};

/// What is to be done; with the topics of the sentence it becomes an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// scale, rescale
    Scale,
    /// double, halve, triple: percent of the present number
    Multiply(u32),
    /// restart, bounce
    Restart,
    /// undo, roll back, revert
    Undo,
    /// roll … back, take … back
    Back,
    /// set, change, adjust
    Set,
    /// increase, raise
    Increase,
    /// decrease, lower
    Decrease,
    /// add, give
    Add,
    /// remove: of a part (a label, a variable, a replica) or of an object
    Remove,
    /// update, upgrade, bump
    Update,
    /// use, run
    Use,
    /// limit memory …
    Limit,
    /// autoscale
    Autoscale,
    /// expose
    Expose,
    /// switch, shift, route
    Switch,
    /// canary
    Canary,
    /// label
    Label,
    /// annotate
    Annotate,
    /// create, make
    Create,
    /// resize, expand
    Resize,
    /// install
    Install,
    /// deploy
    Deploy,
    /// uninstall
    Uninstall,
    /// suspend
    Suspend,
    /// resume, unpause
    Resume,
    /// pause
    Pause,
    /// trigger
    Trigger,
    /// cordon
    Cordon,
    /// uncordon
    Uncordon,
    /// drain
    Drain,
    /// delete
    Delete,
    /// fix, repair
    Fix,
    /// unlock, free
    Unlock,
    /// apply
    Apply,
    /// optimize, rightsize: a change only with "apply"
    Optimize,
    /// stop, shut down: may mean several things
    Stop,
    /// start
    Start,
}

const HEADS: &[(&[&str], Verb)] = &[
    (&["scale"], Verb::Scale),
    (&["rescale"], Verb::Scale),
    (&["upscale"], Verb::Scale),
    (&["downscale"], Verb::Scale),
    (&["double"], Verb::Multiply(200)),
    (&["triple"], Verb::Multiply(300)),
    (&["quadruple"], Verb::Multiply(400)),
    (&["halve"], Verb::Multiply(50)),
    (&["restart"], Verb::Restart),
    (&["bounce"], Verb::Restart),
    (&["reboot"], Verb::Restart),
    (&["recycle"], Verb::Restart),
    (&["rollout", "restart"], Verb::Restart),
    (&["rolling", "restart"], Verb::Restart),
    (&["do", "a", "rolling", "restart"], Verb::Restart),
    (&["do", "a", "rollout", "restart"], Verb::Restart),
    (&["do", "a", "restart"], Verb::Restart),
    (&["perform", "a", "rolling", "restart"], Verb::Restart),
    (&["perform", "a", "restart"], Verb::Restart),
    (&["undo"], Verb::Undo),
    (&["rollback"], Verb::Undo),
    (&["revert"], Verb::Undo),
    (&["rollout", "undo"], Verb::Undo),
    (&["helm", "rollback"], Verb::Undo),
    (&["do", "a", "rollback"], Verb::Undo),
    (&["perform", "a", "rollback"], Verb::Undo),
    (&["go", "back"], Verb::Undo),
    (&["roll"], Verb::Back),
    (&["take"], Verb::Back),
    (&["bring"], Verb::Back),
    (&["put"], Verb::Back),
    (&["set"], Verb::Set),
    (&["change"], Verb::Set),
    (&["adjust"], Verb::Set),
    (&["modify"], Verb::Set),
    (&["increase"], Verb::Increase),
    (&["raise"], Verb::Increase),
    (&["decrease"], Verb::Decrease),
    (&["lower"], Verb::Decrease),
    (&["reduce"], Verb::Decrease),
    (&["add"], Verb::Add),
    (&["give"], Verb::Add),
    (&["remove"], Verb::Remove),
    (&["unset"], Verb::Remove),
    (&["update"], Verb::Update),
    (&["upgrade"], Verb::Update),
    (&["bump"], Verb::Update),
    (&["helm", "upgrade"], Verb::Update),
    (&["use"], Verb::Use),
    (&["run"], Verb::Use),
    (&["roll", "out"], Verb::Use),
    (&["rollout"], Verb::Use),
    (&["limit"], Verb::Limit),
    (&["autoscale"], Verb::Autoscale),
    (&["expose"], Verb::Expose),
    (&["switch"], Verb::Switch),
    (&["shift"], Verb::Switch),
    (&["route"], Verb::Switch),
    (&["redirect"], Verb::Switch),
    (&["send"], Verb::Switch),
    (&["move"], Verb::Switch),
    (&["canary"], Verb::Canary),
    (&["label"], Verb::Label),
    (&["annotate"], Verb::Annotate),
    (&["create"], Verb::Create),
    (&["make"], Verb::Create),
    (&["resize"], Verb::Resize),
    (&["expand"], Verb::Resize),
    (&["grow"], Verb::Resize),
    (&["extend"], Verb::Resize),
    (&["enlarge"], Verb::Resize),
    (&["install"], Verb::Install),
    (&["helm", "install"], Verb::Install),
    (&["deploy"], Verb::Deploy),
    (&["uninstall"], Verb::Uninstall),
    (&["helm", "uninstall"], Verb::Uninstall),
    (&["helm", "delete"], Verb::Uninstall),
    (&["suspend"], Verb::Suspend),
    (&["resume"], Verb::Resume),
    (&["unpause"], Verb::Resume),
    (&["unsuspend"], Verb::Resume),
    (&["rollout", "resume"], Verb::Resume),
    (&["pause"], Verb::Pause),
    (&["rollout", "pause"], Verb::Pause),
    (&["trigger"], Verb::Trigger),
    (&["cordon"], Verb::Cordon),
    (&["uncordon"], Verb::Uncordon),
    (&["drain"], Verb::Drain),
    (&["delete"], Verb::Delete),
    (&["destroy"], Verb::Delete),
    (&["kill"], Verb::Delete),
    (&["erase"], Verb::Delete),
    (&["fix"], Verb::Fix),
    (&["repair"], Verb::Fix),
    (&["resolve"], Verb::Fix),
    (&["solve"], Verb::Fix),
    (&["heal"], Verb::Fix),
    (&["remediate"], Verb::Fix),
    (&["unlock"], Verb::Unlock),
    (&["unstick"], Verb::Unlock),
    (&["free"], Verb::Unlock),
    (&["apply"], Verb::Apply),
    (&["optimize"], Verb::Optimize),
    (&["optimise"], Verb::Optimize),
    (&["rightsize"], Verb::Optimize),
    (&["stop"], Verb::Stop),
    (&["shutdown"], Verb::Stop),
    (&["shut", "down"], Verb::Stop),
    (&["turn", "off"], Verb::Stop),
    (&["disable"], Verb::Stop),
    (&["start"], Verb::Start),
    (&["enable"], Verb::Start),
    (&["turn", "on"], Verb::Start),
];

/// The verb that a clause begins with, and the tokens after it. `None` when the word is a noun here ("restart count").
pub fn head(tokens: &[Token]) -> Option<(Verb, &[Token])> {
    let (words, verb) = HEADS
        .iter()
        .filter(|(words, _)| {
            words.len() <= tokens.len() && words.iter().zip(tokens).all(|(word, token)| token.is(word))
        })
        .max_by_key(|(words, _)| words.len())?;
    let rest = &tokens[words.len()..];
    // "restart of web" is a noun.
    if words.len() == 1 && rest.first().is_some_and(|t| t.is("of")) {
        return None;
    }
    let noun = rest.first().is_some_and(|t| t.shape == Shape::Word && lexicon::is_reading_noun(&t.text));
    // "limit memory to …" limits; "limit of web" is a noun.
    if *verb == Verb::Limit && !rest.first().is_some_and(|t| t.is_any(&["memory", "cpu", "ram", "the"])) {
        return None;
    }
    // "set limits of backend to …" and "fix issues": these verbs take such objects.
    let takes_nouns = matches!(
        verb,
        Verb::Delete
            | Verb::Create
            | Verb::Set
            | Verb::Increase
            | Verb::Decrease
            | Verb::Fix
            | Verb::Add
            | Verb::Remove
            | Verb::Update
            | Verb::Resize
    );
    if noun && !takes_nouns { None } else { Some((*verb, rest)) }
}

/// The verb that was meant by a first word one letter away from exactly one verb; for a question, never for a change.
pub fn misspelt(tokens: &[Token]) -> Option<&'static str> {
    let first = tokens.first().filter(|t| t.shape == Shape::Word && t.text.chars().count() >= 5)?;
    let mut close = HEADS
        .iter()
        .filter(|(words, _)| words.len() == 1 && words[0].len() >= 5)
        .filter(|(words, _)| crate::nearest::distance(words[0], &first.text) == 1)
        .map(|(words, _)| words[0])
        // `scales`, `restarted` are forms of the verb, not slips.
        .filter(|verb| !first.text.starts_with(*verb));
    close.next().filter(|_| close.next().is_none())
}
