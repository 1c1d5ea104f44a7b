namespace ProdOps.HelpCompiler;

/// <summary>What a cmdlet's page says, ready to be written as MAML.</summary>
internal sealed record HelpPage
{
    public required string File { get; init; }

    /// <summary>The cmdlet's name: the page's title and its file's name.</summary>
    public required string Name { get; init; }

    public required string Module { get; init; }

    /// <summary>The MAML file it goes to, which PowerShell derives from the assembly's name.</summary>
    public required string HelpFile { get; init; }

    /// <summary>Where <c>Get-Help -Online</c> goes, or "".</summary>
    public required string OnlineVersion { get; init; }

    public required IReadOnlyList<TextBlock> Synopsis { get; init; }
    public required IReadOnlyList<HelpSyntax> Syntax { get; init; }
    public required IReadOnlyList<TextBlock> Description { get; init; }
    public required IReadOnlyList<HelpExample> Examples { get; init; }
    public required IReadOnlyList<HelpParameter> Parameters { get; init; }
    public required IReadOnlyList<HelpType> Inputs { get; init; }
    public required IReadOnlyList<HelpType> Outputs { get; init; }
    public required IReadOnlyList<TextBlock> Notes { get; init; }
    public required IReadOnlyList<HelpLink> Links { get; init; }
}

/// <summary>One way to call a cmdlet.</summary>
/// <param name="Set">The parameter set's name, or "" where there is only one.</param>
internal sealed record HelpSyntax(string Set, bool IsDefault, string Text, int Line);

/// <param name="Interactive">True for code that waits for somebody at a keyboard; tests parse it and don't run it.</param>
internal sealed record HelpExample(string Title, string Code, bool Interactive, IReadOnlyList<TextBlock> Remarks, int Line);

/// <param name="Usages">One, or one for each group of parameter sets in which the parameter behaves differently.</param>
internal sealed record HelpParameter(string Name, IReadOnlyList<TextBlock> Description, IReadOnlyList<ParameterUsage> Usages, int Line)
{
    /// <summary>How the parameter behaves in a set, or null if it isn't in it.</summary>
    public ParameterUsage? In(string set) => Usages.FirstOrDefault(usage => usage.IsIn(set));
}

/// <summary>A parameter's yaml block.</summary>
internal sealed record ParameterUsage
{
    public const string AllSets = "(All)";

    public required string Type { get; init; }

    /// <summary>Parameter sets; empty means all.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The only values there are; empty where any value of the type will do.</summary>
    public IReadOnlyList<string> AcceptedValues { get; init; } = [];

    public bool Required { get; init; }

    /// <summary>From 0, or null for a parameter that must be named.</summary>
    public int? Position { get; init; }

    /// <summary>In words, e.g. <c>None</c> or <c>$env:RESTIC_REPOSITORY</c>.</summary>
    public string Default { get; init; } = "None";

    public bool PipelineByValue { get; init; }
    public bool PipelineByName { get; init; }
    public bool Wildcards { get; init; }

    /// <summary>The yaml block's line in the page; of no account in comparisons.</summary>
    public int Line { get; init; }

    public bool IsSwitch => Type == "SwitchParameter";

    public bool IsIn(string set) => Sets.Count == 0 || Sets.Contains(set, StringComparer.OrdinalIgnoreCase);

    public string PipelineInput => (PipelineByValue, PipelineByName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };
}

internal sealed record HelpType(string Name, IReadOnlyList<TextBlock> Description);

/// <param name="Uri">An address, or "" for another topic of the help.</param>
internal sealed record HelpLink(string Text, string Uri);
