using System.Security.Cryptography;
using System.Text;
using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>The page of an action: what it would be done to, what is asked, and a button. It says all of it before anything is done, and needs no script.</summary>
internal static class ActionForm
{
    /// <summary>Fields that all forms have: who does it, the form's secret, and what was seen when it was decided.</summary>
    public const string By = "by", Secret = "secret", Seen = "seen";

    /// <summary>The page with the form.</summary>
    public static HtmlWriter Write(ConsoleAction action, PreparedAction prepared, FormValues values, string secret, string usualBy, string problem)
    {
        var page = Begin(action);
        if (problem.Length > 0) page.Add($"<p class=\"problem\" role=\"alert\">{problem}</p>\n");
        if (prepared.Facts.Count > 0) page.Add($"<dl class=\"facts\">\n").Each(prepared.Facts, static (html, fact) => html.Add($"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>\n")).Add($"</dl>\n");
        page.Add($"<p class=\"about\" id=\"about\">{action.About}</p>\n<form class=\"ask\" action=\"{action.Path}\" method=\"post\" aria-describedby=\"about\" autocomplete=\"off\">\n");
        page.Add($"<input type=\"hidden\" name=\"{Secret}\" value=\"{secret}\">\n<input type=\"hidden\" name=\"{Seen}\" value=\"{Sum(prepared.Seen)}\">\n");
        action.Fields(page, values);
        string by = values.Text(By, usualBy, FormValues.LongestName);
        page.Add($"<label>Who <input type=\"text\" name=\"{By}\" value=\"{by}\" maxlength=\"{FormValues.LongestName}\" required=\"required\" autocomplete=\"name\"></label>\n");
        return End(page.Add($"<button class=\"main\">{action.Button}</button>\n<a class=\"back\" href=\"/\">Back, without doing it</a>\n</form>\n"));
    }

    /// <summary>The page where there is nothing to do it to.</summary>
    public static HtmlWriter WriteProblem(ConsoleAction action, string problem) =>
        End(Begin(action).Add($"<p class=\"problem\" role=\"alert\">{problem}</p>\n<p><a class=\"back\" href=\"/\">Back to the report</a></p>\n"));

    /// <summary>What was seen, as a form keeps it.</summary>
    public static string Sum(string seen) => seen.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(seen)));

    public static void Text(HtmlWriter html, string label, string name, string value, string placeholder = "", bool isNeeded = false, bool isFirst = false)
    {
        html.Add($"<label>{label} <input type=\"text\" name=\"{name}\" value=\"{value}\" maxlength=\"{FormValues.LongestText}\" placeholder=\"{placeholder}\"");
        if (isNeeded) html.Add($" required=\"required\"");
        if (isFirst) html.Add($" autofocus=\"autofocus\"");
        html.Add($"></label>\n");
    }

    public static void Check(HtmlWriter html, string label, string name, bool isOn)
    {
        html.Add($"<label class=\"check\"><input type=\"checkbox\" name=\"{name}\" value=\"on\"");
        if (isOn) html.Add($" checked=\"checked\"");
        html.Add($"> {label}</label>\n");
    }

    public static void Durations(HtmlWriter html, string label, string chosen, string[] usual, string endless)
    {
        html.Add($"<label>{label} <select name=\"for\">");
        foreach (string one in (string[])[.. chosen.Length == 0 || usual.Contains(chosen) ? usual : [chosen, .. usual], ""])
        {
            html.Add($"<option value=\"{one}\"");
            if (one == chosen) html.Add($" selected=\"selected\"");
            html.Add($">{(one.Length > 0 ? one : endless)}</option>");
        }

        html.Add($"</select></label>\n");
    }

    private static HtmlWriter Begin(ConsoleAction action) =>
        ConsoleLayout.Begin(action.Path, action.Title, "act", reload: 0, new HtmlWriter()).Add($"<main>\n<section id=\"act\" aria-label=\"{action.Title}\">\n");

    private static HtmlWriter End(HtmlWriter page) => page.Add($"</section>\n</main>\n{ConsoleLayout.End(new HtmlWriter().Add($"What is done here is kept with the monitor's events, with who did it."))}");
}
