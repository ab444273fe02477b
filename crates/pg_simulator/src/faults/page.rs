//! The faults as people see them: what is in force, and the forms to change it. For every PG's console and window.

use super::{Fault, Group, Line, Operation};
use crate::html::Html;
use crate::tls::Certificate;

/// The console's section. `control` is where the PG's control addresses are, as `/toss/_control/`.
pub(crate) fn section(line: &Line, control: &'static str) -> Html {
    Html::new()
        .tags("<section class=\"wide\" aria-labelledby=\"faults\"><h2 id=\"faults\">고장 내기</h2>")
        .add(in_force(line))
        .add(ask_form(control))
        .tags("<form method=\"post\" action=\"")
        .tags(control)
        .tags("faults/clear\"><p><button type=\"submit\" class=\"plain\" data-test=\"clear-faults\">모두 고치기</button></p></form>")
        .add(certificate_form(line, control))
        .tags("</section>")
}

fn in_force(line: &Line) -> Html {
    let (plans, rates) = (line.plans(), line.rates());
    if plans.is_empty() && rates.is_empty() {
        return Html::new().tags("<p data-test=\"faults-in-force\">지금은 고장이 없습니다.</p>");
    }
    let item = |html: Html, operation: &str, fault: Fault, extent: &str| {
        html.tags("<li>")
            .text(operation)
            .tags(": ")
            .text(fault.korean())
            .tags(" <code>")
            .text(fault.as_str())
            .tags("</code> ")
            .text(extent)
            .tags("</li>")
    };
    let named = |operation: Option<Operation>, otherwise: &'static str| operation.map_or(otherwise, Operation::korean);
    Html::new()
        .tags("<ul data-test=\"faults-in-force\">")
        .each(&plans, |html, plan| {
            let extent = format!("다음 {}번", plan.left);
            item(html, named(plan.operation, "승인·발급"), plan.fault, &extent)
        })
        .each(&rates, |html, rate| {
            let extent = format!("호출의 {}%", rate.rate * 100.0);
            item(html, named(rate.operation, "모든 호출"), rate.fault, &extent)
        })
        .tags("</ul>")
}

fn ask_form(control: &'static str) -> Html {
    Html::new()
        .tags("<form method=\"post\" action=\"")
        .tags(control)
        .tags("faults\" class=\"inline\"><label>호출<select name=\"operation\">")
        .each(Operation::ALL, |html, operation| {
            option(html, operation.as_str(), operation.korean(), false)
        })
        .tags("<option value=\"\">모든 호출 (비율일 때)</option></select></label><label>고장<select name=\"fault\">")
        .add(options(None, true))
        .tags("</select></label><label>횟수<input name=\"times\" inputmode=\"numeric\" value=\"1\" maxlength=\"7\"></label>")
        .tags("<label>또는 비율 (0–1)<input name=\"rate\" inputmode=\"decimal\" placeholder=\"0.05\" maxlength=\"8\"></label>")
        .tags("<button type=\"submit\" class=\"primary\" data-test=\"fault\">고장 내기</button></form>")
}

fn certificate_form(line: &Line, control: &'static str) -> Html {
    let shown = line.certificate();
    if shown.is_none() {
        return Html::new();
    }
    Html::new()
        .tags("<form method=\"post\" action=\"")
        .tags(control)
        .tags("certificate\" class=\"inline\"><label>인증서<select name=\"certificate\">")
        .add(certificates(shown, true))
        .tags("</select></label><button type=\"submit\" class=\"plain\" data-test=\"certificate\">인증서 바꾸기</button></form>")
}

/// All faults as options of a select, in their groups.
pub(crate) fn options(chosen: Option<&str>, korean: bool) -> Html {
    Html::new().each(Group::ALL, |html, group| {
        let (in_korean, in_english) = group.names();
        html.tags("<optgroup label=\"")
            .text(if korean { in_korean } else { in_english })
            .tags("\">")
            .each(group.faults(), |html, fault| {
                let words = if korean { fault.korean() } else { fault.as_str() };
                option(html, fault.as_str(), words, chosen == Some(fault.as_str()))
            })
            .tags("</optgroup>")
    })
}

/// The calls that one payment can meet, as options of a select.
pub(crate) fn operations(chosen: Option<&str>, korean: bool) -> Html {
    Html::new().each(Operation::ALL, |html, operation| {
        let words = if korean { operation.korean() } else { operation.as_str() };
        option(html, operation.as_str(), words, chosen == Some(operation.as_str()))
    })
}

/// The certificates as options of a select.
pub(crate) fn certificates(shown: Option<Certificate>, korean: bool) -> Html {
    Html::new().each(Certificate::ALL, |html, certificate| {
        let name = certificate.as_str();
        let words = if korean { certificate.korean() } else { name };
        option(html, name, words, shown == Some(certificate))
    })
}

fn option(html: Html, value: &str, words: &str, selected: bool) -> Html {
    html.tags("<option value=\"")
        .text(value)
        .tags(if selected { "\" selected>" } else { "\">" })
        .text(words)
        .tags("</option>")
}
