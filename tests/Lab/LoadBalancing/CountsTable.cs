using System.Globalization;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>
/// What the tests counted, as rows of a table in the file that PRODOPS_COUNTS names: <c>bench/load-balancing/counts.sh</c> shows it.
/// </summary>
internal static class CountsTable
{
    /// <summary>Marks the tests that add rows.</summary>
    public const string Trait = "Counts";

    private static readonly string? Path = Environment.GetEnvironmentVariable("PRODOPS_COUNTS");

    /// <summary>Adds what clients of all kinds saw.</summary>
    public static void Add(string what, LabCount count, string note = "") => Row(what, count.Requests, count.Failed, $"{count.Lost}", $"{count.Replayed}", count.LongestGap, note);

    /// <summary>Adds what one kind saw, of something that cannot pass unseen.</summary>
    public static void Add(string what, LabLoadResult result, string note = "") => Row(what, result.Requests, result.Failed, "", "", result.LongestGap, note);

    /// <summary>Adds what Test-LoadBalancer -Failover or Switch-LoadBalancer measured.</summary>
    public static void Add(string what, long requests, long failed, TimeSpan gap, string note = "") => Row(what, requests, failed, "", "", gap, note);

    private static void Row(string what, long requests, long failed, string lost, string replayed, TimeSpan gap, string note)
    {
        if (Path is null) return;
        File.AppendAllText(Path, string.Create(CultureInfo.InvariantCulture, $"| {what} | {requests:N0} | {failed} | {lost} | {replayed} | {gap.TotalMilliseconds:0} ms | {note} |\n"));
    }
}
