namespace ProdOps.Cmdlets;

/// <summary>How tests of load balancers are shown.</summary>
public static partial class FormatHelper
{
    /// <summary>How something that was looked at is, with its symbol, and in colour where the session has colours: <c>! Warning</c>.</summary>
    /// <param name="status">The finding's status, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string Finding(object? status, object? style) => status?.ToString() switch
    {
        nameof(LoadBalancerFindingStatus.Passed) => Paint("+ Passed", "Green", style),
        nameof(LoadBalancerFindingStatus.Warning) => Paint("! Warning", "Yellow", style),
        nameof(LoadBalancerFindingStatus.Failed) => Paint("x Failed", "Red", style),
        _ => "",
    };
}
