"""Actions of the Harbour Lane assistant, served by rasa-sdk: ``python -m rasa_sdk``.

Who a customer is comes from the service alone, in the metadata of the latest message. Slots and
entities say what customers typed; they open nothing by themselves.
"""
