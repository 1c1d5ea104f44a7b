using System.Text;

namespace ProdOps.HelpCompiler;

/// <summary>Rewrites what follows from something else: SYNTAX from PARAMETERS, and yaml blocks from a cmdlet's metadata. Prose stays.</summary>
internal static class PageUpdater
{
    /// <param name="sets">The parameter sets, the default one first; one named "" where the cmdlet has no names for them.</param>
    public static string WithSyntax(string markdown, HelpPage page, IReadOnlyList<(string Name, bool IsDefault)> sets)
    {
        var section = new StringBuilder();
        foreach (var (name, isDefault) in sets)
        {
            if (name.Length > 0) section.Append($"### {name}{(isDefault ? " (Default)" : "")}\n\n");
            section.Append($"```\n{SyntaxText.Write(page.Name, page.Parameters, name)}\n```\n\n");
        }

        return ReplaceSection(markdown, "SYNTAX", section.ToString());
    }

    public static string WithParameters(string markdown, HelpPage page)
    {
        var section = new StringBuilder();
        foreach (var parameter in page.Parameters)
        {
            section.Append($"### -{parameter.Name}\n\n{Source(markdown, parameter)}\n\n");
            foreach (var usage in parameter.Usages) section.Append(Yaml(usage)).Append('\n');
        }

        int common = markdown.IndexOf($"### {ParameterReader.CommonParameters}", StringComparison.Ordinal);
        if (common >= 0) section.Append(markdown.AsSpan(common, markdown.IndexOf("\n## ", common, StringComparison.Ordinal) + 1 - common));
        return ReplaceSection(markdown, "PARAMETERS", section.ToString());
    }

    public static string Yaml(ParameterUsage usage)
    {
        var text = new StringBuilder("```yaml\n");
        void Pair(string key, string value) => text.Append($"{key}:{(value.Length > 0 ? " " : "")}{value}\n");
        Pair("Type", usage.Type);
        Pair("Parameter Sets", usage.Sets.Count == 0 ? ParameterUsage.AllSets : string.Join(", ", usage.Sets));
        Pair("Aliases", string.Join(", ", usage.Aliases));
        if (usage.AcceptedValues.Count > 0) Pair("Accepted values", string.Join(", ", usage.AcceptedValues));
        text.Append('\n');
        Pair("Required", usage.Required ? "True" : "False");
        Pair("Position", usage.Position?.ToString() ?? "Named");
        Pair("Default value", usage.Default);
        Pair("Accept pipeline input", usage.PipelineInput);
        Pair("Accept wildcard characters", usage.Wildcards ? "True" : "False");
        return text.Append("```\n").ToString();
    }

    /// <summary>A parameter's prose as the author wrote it, Markdown and all; for a new parameter its text.</summary>
    private static string Source(string markdown, HelpParameter parameter)
    {
        string heading = $"\n### -{parameter.Name}\n";
        int start = markdown.IndexOf(heading, StringComparison.OrdinalIgnoreCase);
        if (start < 0) return string.Join("\n\n", parameter.Description.Select(block => block.Text));
        start += heading.Length;
        return markdown[start..markdown.IndexOf("```yaml", start, StringComparison.Ordinal)].Trim();
    }

    private static string ReplaceSection(string markdown, string name, string content)
    {
        string heading = $"\n## {name}\n";
        int start = markdown.IndexOf(heading, StringComparison.Ordinal) + heading.Length;
        int end = markdown.IndexOf("\n## ", start, StringComparison.Ordinal);
        return $"{markdown[..start]}\n{content.TrimEnd('\n')}\n{markdown[end..]}";
    }
}
