using System.Text.Json;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Reports.Html;

namespace ProdOps.Recovery.Consoles;

/// <summary>The report at a moment, in the pieces that are sent.</summary>
/// <param name="Number">Numbers states upwards.</param>
/// <param name="Parts">The pieces, in their order in the page.</param>
internal sealed record LiveState(long Number, IReadOnlyList<LivePart> Parts)
{
    /// <summary>What it is of.</summary>
    public required string Name { get; init; }

    /// <summary>What stands below.</summary>
    public required HtmlWriter Footer { get; init; }

    /// <summary>How long it is what is shown.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>What had been done here when it was gathered.</summary>
    public required Deeds Last { get; init; }

    /// <summary>How many of the pieces stand above the sections.</summary>
    public required int HeadCount { get; init; }

    /// <summary>The pieces that stand above the sections.</summary>
    public IEnumerable<LivePart> Head => Parts.Take(HeadCount);

    /// <summary>The sections.</summary>
    public IEnumerable<LivePart> Sections => Parts.Skip(HeadCount);

    /// <summary>What has changed since a state was seen, as a server-sent event: the pieces by their ids, and all ids in their order.</summary>
    public string EventSince(long seen)
    {
        var data = new { next = Pause.TotalSeconds, order = Parts.Select(static part => part.Id), parts = Parts.Where(part => part.Since > seen).ToDictionary(static part => part.Id, static part => part.Text) };
        return FormattableString.Invariant($"id: {Number}\nevent: report\ndata: {JsonSerializer.Serialize(data)}\n\n");
    }
}

/// <summary>A piece: one element.</summary>
/// <param name="Part">The element.</param>
/// <param name="Since">The number of the state since which it is so.</param>
internal sealed record LivePart(ReportPart Part, long Since)
{
    public string Id => Part.Id;

    public string Text { get; } = Part.Html.ToString();
}
