using System.Globalization;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException FloatingAddressInvalid(string address, string why, string recommendation) => new(
        "FloatingAddressInvalid", ErrorKind.InvalidArgument, $"The floating address '{address}' cannot be moved: {why}.", recommendation) { Target = address };

    public static ProdOpsException FloatingAddressLoginFailed(string address, string said) => new(
        "FloatingAddressLoginFailed", ErrorKind.Authentication,
        $"The provider of the floating address {address} does not accept the token ({said}).",
        "The token must be of the account that has the address, not expired, and allowed to read and update reserved addresses.") { Target = address };

    public static ProdOpsException FloatingAddressUnknown(string address, string said) => new(
        "FloatingAddressNotFound", ErrorKind.NotFound,
        $"The provider knows no floating address {address}, or not in this account ({said}).",
        "Compare Address with the provider's list of reserved addresses, and see whose token it is.") { Target = address };

    public static ProdOpsException FloatingAddressRefused(string address, string machine, string said) => new(
        "FloatingAddressRefused", ErrorKind.InvalidOperation,
        $"The provider does not give the floating address {address} to machine {machine} ({said}).",
        "The machine must exist, be in the address's region, and have no other reserved address.") { Target = address };

    public static ProdOpsException FloatingAddressTimedOut(string address, TimeSpan limit, long? action) => new(
        "FloatingAddressTimedOut", ErrorKind.Timeout,
        string.Create(CultureInfo.InvariantCulture, $"Moving the floating address {address} did not end within {limit.TotalSeconds:0} s{(action is null ? "" : $": action {action} is still under way")}."),
        "Ask again later: what was begun is found again, and waited for.") { Target = address };

    public static ProdOpsException FloatingAddressProviderSilent(string address, string why) => new(
        "FloatingAddressProviderSilent", ErrorKind.ResourceUnavailable,
        $"The provider of the floating address {address} cannot be asked now: {why}.",
        "See whether this machine reaches the provider's API, and the provider's page of its state.") { Target = address };

    public static ProdOpsException FloatingAddressNotUnderstood(string address, string why) => new(
        "FloatingAddressAnswerNotUnderstood", ErrorKind.InvalidData,
        $"The provider's answer about the floating address {address} is not understood: {why}.",
        "See whether Url is the provider's API.") { Target = address };
}
