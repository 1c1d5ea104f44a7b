namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>Ends the reading of a text at the first thing that is wrong with it. It does not leave <see cref="ExporterProbe"/>.</summary>
internal sealed class MetricTextException(string message, MetricTextFault fault) : Exception(message)
{
    public MetricTextFault Fault => fault;
}

/// <summary>What is wrong with a text.</summary>
internal enum MetricTextFault
{
    /// <summary>It is none of the format.</summary>
    Foreign,

    /// <summary>It is more than is read.</summary>
    TooMuch,

    /// <summary>Its end is missing.</summary>
    Unfinished,
}
