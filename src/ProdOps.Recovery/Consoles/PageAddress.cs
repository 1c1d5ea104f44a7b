namespace ProdOps.Recovery.Consoles;

/// <summary>Addresses of pages of the console.</summary>
internal static class PageAddress
{
    /// <summary>A path with parameters; those without a value are left out.</summary>
    public static string Of(string path, IEnumerable<(string Name, string Value)> parameters) =>
        $"{path}?{string.Join('&', parameters.Where(static one => one.Value.Length > 0).Select(static one => $"{Uri.EscapeDataString(one.Name)}={Uri.EscapeDataString(one.Value)}"))}";
}
