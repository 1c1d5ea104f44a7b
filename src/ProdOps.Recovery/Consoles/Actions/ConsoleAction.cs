using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>Something that a console does: what its page asks, and doing it.</summary>
internal abstract class ConsoleAction
{
    public abstract string Path { get; }

    public abstract string Title { get; }

    /// <summary>What its button says.</summary>
    public abstract string Button { get; }

    /// <summary>What it does and does not do.</summary>
    public abstract string About { get; }

    /// <summary>Looks at what it would be done to.</summary>
    /// <exception cref="ProdOpsException">That is not there.</exception>
    public abstract Task<PreparedAction> PrepareAsync(FormValues values, CancellationToken cancellationToken);

    /// <summary>The fields of its form.</summary>
    public abstract void Fields(HtmlWriter html, FormValues values);
}

/// <summary>An action that may be carried out.</summary>
/// <param name="Facts">What it is done to, for whoever decides.</param>
/// <param name="Seen">What of that must be as it was when it was decided; empty where the form says it all.</param>
/// <param name="CarryOutAsync">Does it, and says what was done.</param>
internal sealed record PreparedAction(IReadOnlyList<(string Name, HtmlWriter Value)> Facts, string Seen, Func<CancellationToken, Task<string>> CarryOutAsync)
{
    public static HtmlWriter Plain(string text) => new HtmlWriter().Add($"{text}");
}
