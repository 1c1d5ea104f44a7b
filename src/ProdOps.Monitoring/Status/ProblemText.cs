using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Status;

/// <summary>What a measurement means in words: the value, and what belongs to it in the same answer.</summary>
internal static class ProblemText
{
    private const int MostNames = 5;

    public static string Of(in Measurement measured, string unit, ProbeReport report)
    {
        string value = HealthThreshold.Format(measured.Value, unit), instance = measured.Instance ?? "";
        return measured.Metric switch
        {
            "disk.used" => $"{value} used{Join(", ", Free(report.Mounts?.FirstOrDefault(mount => mount.Target == instance)?.Available))}",
            "inode.used" => $"{value} of its files used{Join(", ", Left(report.Mounts?.FirstOrDefault(mount => mount.Target == instance)?.InodesFree))}",
            "memory.available" => $"{value} available{Join(", ", Size(report.Memory.Available))}",
            "unit.failed" => measured.Value == 0 ? "none has failed" : Names(report.FailedUnits),
            "reboot.required" => measured.Value == 0 ? "not needed" : RebootReason(report.System),
            "updates.security" => measured.Value == 0 ? "none" : $"{value}: {Names(report.Updates?.SecurityPackages)}",
            "smart.failing" => measured.Value == 0 ? "it does not expect to fail" : "it says that it fails or is about to",
            "smart.reallocated" => $"{value} sectors replaced",
            "smart.unreadable" => $"{value} sectors cannot be read",
            "clock.offset" => $"{(measured.Value < 0 ? "behind" : "ahead")} by {HealthThreshold.Format(Math.Abs(measured.Value), unit)}",
            "cpu.busy" => $"{value} busy{Join(", load ", report.Load?.One.ToString("0.##", global::System.Globalization.CultureInfo.InvariantCulture))}",
            _ => value,
        };
    }

    private static string RebootReason(SystemReport system) =>
        system.RebootPackages.Count > 0 ? $"for {Names(system.RebootPackages)}"
        : system.NewestKernel is { } newest && newest != system.Kernel ? $"kernel {newest} is installed, {system.Kernel} runs"
        : "the system asks for it";

    private static string Names(IReadOnlyList<string>? names) =>
        names is null or { Count: 0 } ? "" : string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");

    private static string? Free(ulong? bytes) => Size(bytes) is { } size ? $"{size} free" : null;

    private static string? Left(ulong? count) => count is { } left ? $"{left} left" : null;

    private static string? Size(ulong? bytes) => bytes is { } size && size <= long.MaxValue ? ByteSize.Format((long)size) : null;

    private static string Join(string before, string? text) => text is null ? "" : before + text;
}
