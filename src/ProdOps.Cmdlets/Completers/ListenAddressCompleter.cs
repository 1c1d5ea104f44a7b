using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net.NetworkInformation;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes this machine's addresses, each with its interface.</summary>
internal sealed class ListenAddressCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            string word = CompletionText.Unquote(wordToComplete);
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .SelectMany(card => card.GetIPProperties().UnicastAddresses.Select(unicast => (Address: unicast.Address.ToString(), card.Name)))
                    .Where(proposal => proposal.Address.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                    .Select(proposal => CompletionText.Value(proposal.Address, toolTip: proposal.Name)),
            ];
        }
        catch (Exception)
        {
            // No completion is better than an error in the middle of a line.
            return [];
        }
    }
}
