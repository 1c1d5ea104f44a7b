using System.Globalization;
using System.Net;
using System.Text;

namespace ProdOps.Recovery.Runbooks;

/// <summary>A runbook as one HTML file that needs nothing else, no script and no network, and prints well. All text is escaped.</summary>
internal static class HtmlRunbook
{
    private const string Style = """
        body { font: 11pt/1.45 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff }
        h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin: 1.6rem 0 .3rem; border-top: 1px solid #bbb; padding-top: .8rem; break-after: avoid }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem } dt { font-weight: 600 } dd { margin: 0 }
        pre { font: 9.5pt/1.4 ui-monospace, monospace; background: #f4f4f2; border: 1px solid #ccc; padding: .5rem .7rem; white-space: pre-wrap; overflow-wrap: anywhere }
        .where { font-weight: 600; margin: .6rem 0 .2rem; break-after: avoid } .box { float: right; width: 1.1rem; height: 1.1rem; border: 1.5px solid #111 }
        footer { margin-top: 2rem; border-top: 1px solid #bbb; padding-top: .5rem; font-size: 9pt; overflow-wrap: anywhere }
        @media print { body { margin: 0; max-width: none } pre { background: none } section { break-inside: avoid-page } @page { margin: 18mm } }
        """;

    public static string Write(Runbook book)
    {
        var text = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<title>{Text(book.Title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>{Text(book.Title)}</h1>\n");
        if (book.Purpose.Length > 0) text.Append(CultureInfo.InvariantCulture, $"<p>{Text(book.Purpose)}</p>\n");
        text.Append("<dl>\n");
        foreach (var (name, value) in book.Facts) text.Append(CultureInfo.InvariantCulture, $"<dt>{Text(name)}</dt><dd>{Text(value)}</dd>\n");
        text.Append("</dl>\n<p>Commands for the server are for a shell of root there; those for the machine at hand need restic and ssh.</p>\n");
        foreach (var step in book.Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"<section>\n<h2><span class=\"box\"></span>{step.Number}. {Text(step.Name)}</h2>\n");
            if (step.Purpose.Length > 0) text.Append(CultureInfo.InvariantCulture, $"<p>{Text(step.Purpose)}</p>\n");
            text.Append(CultureInfo.InvariantCulture, $"<p>After: {Text(step.After.Count == 0 ? "nothing" : string.Join(", ", step.After))}.{(step.Duration.Length > 0 ? $" Takes {Text(step.Duration)}." : "")}</p>\n");
            Add(text, "", step.Do);
            foreach (var check in step.Checks) Add(text, "Verify: ", check);
            if (step.Undo is { } undo) Add(text, "Take back: ", undo);
            text.Append("</section>\n");
        }

        if (book.Unexplained.Count > 0)
        {
            text.Append("<section>\n<h2>Not accounted for</h2>\n<p>Found on the server, and in no step:</p>\n<ul>\n");
            foreach (string line in book.Unexplained) text.Append(CultureInfo.InvariantCulture, $"<li>{Text(line)}</li>\n");
            text.Append("</ul>\n</section>\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"<footer>{Text(book.Footer)}</footer>\n</body>\n</html>\n").ToString();
    }

    private static void Add(StringBuilder text, string what, PlainStep step)
    {
        string where = step.Place == PlainPlace.Here ? "on the machine at hand" : step.Server.Length > 0 ? $"on {step.Server}" : "on the server";
        if (step.Commands.Length > 0) text.Append(CultureInfo.InvariantCulture, $"<p class=\"where\">{Text(what + where)}</p>\n<pre>{Text(step.Commands)}</pre>\n");
        if (step.Note.Length > 0) text.Append(CultureInfo.InvariantCulture, $"<p>{Text(what + step.Note)}</p>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(new string([.. text.Select(static c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c)]));
}
