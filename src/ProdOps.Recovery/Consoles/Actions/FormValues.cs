using System.Globalization;
using ProdOps.Monitoring.Notifications;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>What a form holds, or the address that leads to it. Texts are one harmless line each.</summary>
internal sealed class FormValues(IReadOnlyDictionary<string, string> values)
{
    public const int LongestText = 1000, LongestName = 100;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(3653);

    public string Text(string name, string usual = "", int limit = LongestText) => values.TryGetValue(name, out string? text) ? PlainLine.Of(text, limit) : usual;

    /// <summary>A number; 0, which nothing has, where it is none.</summary>
    public long Number(string name) => long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

    public bool Has(string name) => Text(name).Length > 0;

    /// <summary>How long; <see langword="null"/> where nothing is said.</summary>
    /// <exception cref="ProdOpsException">It is no duration.</exception>
    public TimeSpan? Duration(string name, string usual)
    {
        string text = Text(name, usual);
        if (text.Length == 0) return null;
        return Quantity.ParseDuration(text) is { } duration && duration > TimeSpan.Zero && duration <= Longest ? duration : throw RecoveryErrors.ConsoleDurationInvalid(text);
    }

    /// <summary>Who does it.</summary>
    /// <exception cref="ProdOpsException">Nobody is named.</exception>
    public string Who(string usual) => Text(ActionForm.By, usual, LongestName) is { Length: > 0 } name ? name : throw RecoveryErrors.ConsoleNobody();
}
