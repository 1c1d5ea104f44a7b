using System.Globalization;
using System.Text;

namespace ProdOps.Recovery.Runbooks;

/// <summary>A runbook as Markdown. Nothing that a plan says is taken for markup.</summary>
internal static class MarkdownRunbook
{
    public static string Write(Runbook book)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Line(book.Title)}\n\n");
        if (book.Purpose.Length > 0) text.Append(Line(book.Purpose)).Append("\n\n");
        foreach (var (name, value) in book.Facts) text.Append(CultureInfo.InvariantCulture, $"- {name}: {Line(value)}\n");
        text.Append("\nCommands for the server are for a shell of root there; those for the machine at hand need restic and ssh.\n");
        foreach (var step in book.Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {step.Number}. {Line(step.Name)}\n\n");
            if (step.Purpose.Length > 0) text.Append(Line(step.Purpose)).Append("\n\n");
            text.Append(CultureInfo.InvariantCulture, $"After: {(step.After.Count == 0 ? "nothing" : Line(string.Join(", ", step.After)))}.");
            text.Append(step.Duration.Length > 0 ? $" Takes {step.Duration}.\n" : "\n");
            Add(text, "", step.Do);
            foreach (var check in step.Checks) Add(text, "Verify: ", check);
            if (step.Undo is { } undo) Add(text, "Take back: ", undo);
        }

        if (book.Unexplained.Count > 0)
        {
            text.Append("\n## Not accounted for\n\nFound on the server, and in no step:\n\n");
            foreach (string line in book.Unexplained) text.Append(CultureInfo.InvariantCulture, $"- {Line(line)}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n---\n\n{Line(book.Footer)}\n").ToString();
    }

    private static void Add(StringBuilder text, string what, PlainStep step)
    {
        if (step.Commands.Length > 0)
        {
            string fence = Fence(step.Commands);
            text.Append(CultureInfo.InvariantCulture, $"\n{what}{Where(step)}:\n\n{fence}sh\n{step.Commands}{fence}\n");
        }

        if (step.Note.Length > 0) text.Append(CultureInfo.InvariantCulture, $"\n{what}{Line(step.Note)}\n");
    }

    public static string Where(PlainStep step) => step.Place == PlainPlace.Here ? "on the machine at hand" : step.Server.Length > 0 ? $"on {Line(step.Server)}" : "on the server";

    /// <summary>A fence that is longer than any in the commands.</summary>
    private static string Fence(string commands)
    {
        int longest = 0, run = 0;
        foreach (char c in commands) longest = Math.Max(longest, run = c == '`' ? run + 1 : 0);
        return new string('`', Math.Max(3, longest + 1));
    }

    /// <summary>Text on one line, with what Markdown or HTML would take for markup escaped.</summary>
    private static string Line(string text)
    {
        var line = new StringBuilder();
        foreach (char c in text)
        {
            if (char.IsControl(c)) line.Append(' ');
            else if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '#' or '|' or '&' or '~') line.Append('\\').Append(c);
            else line.Append(c);
        }

        return line.ToString();
    }
}
