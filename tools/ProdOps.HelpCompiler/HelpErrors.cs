namespace ProdOps.HelpCompiler;

/// <summary>One thing wrong in a page. Lines count from 1.</summary>
internal sealed record HelpError(string File, int Line, string Message)
{
    /// <summary>In the form that MSBuild and editors take for a place in a file.</summary>
    public override string ToString() => $"{File}({Line}): error HELP: {Message}";
}

/// <summary>Collects everything that is wrong, so that an author sees all of it in one run.</summary>
internal sealed class HelpErrors
{
    private readonly List<HelpError> _all = [];

    public IReadOnlyList<HelpError> All => _all;

    public void Add(string file, int line, string message) => _all.Add(new HelpError(file, line, message));
}
