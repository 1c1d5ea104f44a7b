namespace ProdOps.HelpCompiler;

/// <summary>
/// Turns an about_ page into the plain text that Get-Help prints: 80 columns, headings at the margin, text indented.
/// Line five is what a list of topics shows (PowerShell's HelpFileHelpInfo.cs), so it holds the whole short description.
/// </summary>
internal static class AboutTopic
{
    public const int Width = 80;
    private const int Indent = 4;
    private const string Short = "Short description";
    private const string Long = "Long description";

    /// <summary>The topic's text, or null where the page has errors.</summary>
    public static string? Compile(string file, string markdown, HelpErrors errors)
    {
        int before = errors.All.Count;
        var reader = new TextReader(file, errors);
        var page = PageSections.Read(file, markdown, errors);
        var sections = page.InOrder.ToList();
        if (sections.Count < 2 || sections[0].Name != Short || sections[1].Name != Long)
        {
            errors.Add(file, page.Title.Line, $"An about_ page begins with the sections '## {Short}' and '## {Long}'.");
            return null;
        }

        if (reader.Read(sections[0].Blocks) is not [{ Kind: TextKind.Paragraph } summary] || summary.Text.Length > Width - Indent)
        {
            errors.Add(file, sections[0].Line, $"The short description is one line of at most {Width - Indent} characters.");
        }

        var writer = new TextLayout(file, Width, errors);
        writer.Heading("TOPIC", 0);
        writer.Paragraph(page.Title.Text, Indent);
        foreach (var section in sections)
        {
            writer.Blank();
            writer.Heading(section.Name.ToUpperInvariant(), 0);
            writer.Write(reader.Read(section.Blocks), Indent);
        }

        return errors.All.Count == before ? writer.ToString() : null;
    }
}
