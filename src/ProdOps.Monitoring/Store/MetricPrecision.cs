using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>
/// How exactly values are kept. A share of CPU time, 100 * 331 / 787, has fifteen digits of which four mean something; the others would take six bytes a sample.
/// Rules see values before they are rounded.
/// </summary>
internal static class MetricPrecision
{
    public static double Round(double value, string unit) => Decimals.Round(value, unit switch
    {
        "%" or "/s" or "°C" => 3,
        "B" or "B/s" => 0,
        _ => 6,
    });
}
