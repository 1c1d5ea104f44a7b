using ProdOps.Cmdlets.Completers;

namespace ProdOps.Shell.Probe;

/// <summary>Proposals of completers.</summary>
public static class CompletionProbe
{
    public static string Quote(string text) => CompletionText.Quote(text);
}
