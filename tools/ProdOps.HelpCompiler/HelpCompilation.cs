namespace ProdOps.HelpCompiler;

/// <summary>Compiles a folder of pages: <c>cmdlets/*.md</c> to MAML and <c>about/about_*.md</c> to text.</summary>
internal static class HelpCompilation
{
    /// <summary>The files to write, name and content; empty where anything is wrong.</summary>
    public static IReadOnlyDictionary<string, string> Compile(string docsFolder, HelpErrors errors)
    {
        var output = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in ReadPages(docsFolder, errors).GroupBy(page => page.HelpFile)) output[file.Key] = MamlWriter.Write(file);
        foreach (string path in Pages(docsFolder, "about", "about_*.md"))
        {
            if (ReadText(path, errors) is { } markdown && AboutTopic.Compile(path, markdown, errors) is { } text)
            {
                output[Path.GetFileNameWithoutExtension(path) + ".help.txt"] = text;
            }
        }

        if (output.Count == 0 && errors.All.Count == 0) errors.Add(docsFolder, 1, "There are no pages in cmdlets/ and about/ here.");
        if (errors.All.Count > 0) output.Clear();
        return output;
    }

    public static IReadOnlyList<HelpPage> ReadPages(string docsFolder, HelpErrors errors, bool checkSyntax = true) =>
    [
        .. from path in Pages(docsFolder, "cmdlets", "*.md")
           let markdown = ReadText(path, errors)
           where markdown is not null
           let page = CmdletPageReader.Read(path, markdown, errors, checkSyntax)
           where page is not null
           select page,
    ];

    /// <summary>Writes the files whose content differs, and removes help of pages that are gone.</summary>
    public static void Write(IReadOnlyDictionary<string, string> output, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string path in Directory.GetFiles(folder, "about_*.help.txt").Concat(Directory.GetFiles(folder, "*-Help.xml")))
        {
            if (!output.ContainsKey(Path.GetFileName(path))) File.Delete(path);
        }

        foreach (var (name, content) in output) File.WriteAllText(Path.Combine(folder, name), content);
    }

    /// <summary>Rewrites the SYNTAX section of every page from its PARAMETERS.</summary>
    public static int UpdateSyntax(string docsFolder, HelpErrors errors)
    {
        int changed = 0;
        foreach (var page in ReadPages(docsFolder, errors, checkSyntax: false))
        {
            string markdown = File.ReadAllText(page.File);
            string updated = PageUpdater.WithSyntax(markdown, page, [.. page.Syntax.Select(syntax => (syntax.Set, syntax.IsDefault))]);
            if (updated == markdown) continue;
            File.WriteAllText(page.File, updated);
            changed++;
        }

        return changed;
    }

    private static IEnumerable<string> Pages(string docsFolder, string folder, string pattern)
    {
        string path = Path.Combine(docsFolder, folder);
        return Directory.Exists(path) ? Directory.GetFiles(path, pattern).Order(StringComparer.Ordinal) : [];
    }

    /// <summary>A page's text, or null if it holds characters that neither XML nor a console can take.</summary>
    private static string? ReadText(string path, HelpErrors errors)
    {
        string text = File.ReadAllText(path).ReplaceLineEndings("\n");
        int before = errors.All.Count;
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int bad = lines[i].AsSpan().IndexOfAnyInRange('\0', '\u001f');
            if (bad < 0) bad = lines[i].AsSpan().IndexOfAny('\ufffd', '\ufffe', '\uffff');
            if (bad >= 0) errors.Add(path, i + 1, $"The character U+{(int)lines[i][bad]:X4} cannot stand in a page.");
        }

        return errors.All.Count == before ? text : null;
    }
}
