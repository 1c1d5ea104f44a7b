namespace ProdOps;

/// <summary>What stands for the samples of 5 minutes or an hour.</summary>
public enum MetricFunction
{
    /// <summary>Their mean.</summary>
    Average,

    /// <summary>The least.</summary>
    Minimum,

    /// <summary>The greatest.</summary>
    Maximum,

    /// <summary>The newest.</summary>
    Last,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>How many there are.</summary>
    Count,
}
