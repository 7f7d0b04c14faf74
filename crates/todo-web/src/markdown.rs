//! Notes written in Markdown, as HTML that can do no harm.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Renders CommonMark with strikethrough, tables and task lists. Raw HTML is shown as text; links lead only to `http`, `https`,
/// `mailto` and `tel`; pictures become links, since the page loads nothing from elsewhere.
pub fn render(source: &str) -> Markup {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(source, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        // A note's headings stand below those of the page.
        Event::Start(Tag::Heading { .. }) => Event::Start(Tag::Strong),
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Strong),
        other => other,
    });
    let mut rendered = String::with_capacity(source.len() + source.len() / 4);
    html::push_html(&mut rendered, events);
    PreEscaped(rendered)
}

/// The address, or `#` when following it could run something. Control characters are what browsers skip when they read a scheme.
fn safe(address: CowStr<'_>) -> CowStr<'_> {
    let plain: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let scheme = plain.split(['/', '?', '#']).next().and_then(|start| start.split_once(':')).map(|(scheme, _)| scheme);
    match scheme {
        None => address,
        Some(scheme) if ["http", "https", "mailto", "tel"].iter().any(|ok| scheme.eq_ignore_ascii_case(ok)) => address,
        Some(_) => "#".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_notes_is_text() {
        let html = render("<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<b>x</b>").into_string();
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn links_that_could_run_something_lead_nowhere() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "&#106;avascript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
        ] {
            let html = render(&format!("[x](<{bad}>)\n\n![y](<{bad}>)")).into_string();
            assert!(!html.to_lowercase().contains("script:") && !html.contains("data:"), "{bad:?} → {html}");
        }
        let html = render("[a](https://example.org/a:b) [b](mailto:a@b.c) [c](/task/1) <https://e.org>").into_string();
        for good in ["https://example.org/a:b", "mailto:a@b.c", "\"/task/1\"", "https://e.org"] {
            assert!(html.contains(good), "{good} in {html}");
        }
    }

    #[test]
    fn pictures_are_not_loaded() {
        let html = render("![pixel](https://tracker.example/p.png)").into_string();
        assert!(
            !html.contains("<img") && html.contains("<a href=\"https://tracker.example/p.png\">pixel</a>"),
            "{html}"
        );
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        let deep = ">".repeat(10_000) + &"[".repeat(10_000);
        assert!(render(&deep).into_string().len() > 100);
    }
}
