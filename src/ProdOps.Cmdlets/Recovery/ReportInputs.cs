using System.Reflection;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Recovery.Reports;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>What a report is made from, wherever it is shown.</summary>
internal static class ReportInputs
{
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    public static ReportSources Of(ReadinessSources readiness, TimeSpan last, int logLines) => new()
    {
        Readiness = readiness,
        Window = last > Least ? last : Least,
        LogLines = logLines,
        UnitOf = RuleUnits.Of(readiness.Environment),
        Version = typeof(ReportInputs).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "",
        Zone = TimeZoneInfo.Local,
    };
}
